package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Origin;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** Values that are larger than any slot of their cache, and who fetches them. */
class SlotSizeIT {
  private static final SlotKey KEY = new SlotKey("sizes", "a");
  private static final byte[] SLOT = "tidemark:sizes:a".getBytes(US_ASCII);
  private static final Duration LIFE = Duration.ofHours(1);
  private static final int MEGABYTE = 1024 * 1024;

  /** The payload also has a mark of nine bytes and two quotes. */
  private static final int LARGEST_TEXT = 100 - 9 - 2;

  private static RedisServer server;
  private static RedisClient client;

  private String text = "apple";
  private RedisStore store;
  private VersionedCache<String, String> cache;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
    client = server.client();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @BeforeEach
  void empty() {
    store = RedisStore.create(client);
    cache =
        VersionedCache.<String, String>builder("sizes")
            .source(key -> Row.present(text, 7))
            .store(store)
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(String.class))
            .maxValueBytes(100)
            .deadline(Awaiting.LIMIT)
            .ttl(Duration.ofHours(1))
            .build();
    client.flushAll();
  }

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void get_foreignBytesOfAnySize_areNotFetchedAndReplaced() {
    client.setrange(SLOT, 64 * MEGABYTE, new byte[1]);
    long before = bytesSent();

    assertThat(cache.get("a")).hasValue("apple");

    assertThat(bytesSent() - before).isLessThan(MEGABYTE);
    assertThat(cache.stats().damaged()).isEqualTo(1);
    assertThat(client.strlen(SLOT)).isLessThan(MEGABYTE);
  }

  @Test
  void readAll_foreignBytesOfAnySize_areNotFetched() {
    cache.get("b");
    client.setrange(SLOT, 64 * MEGABYTE, new byte[1]);
    long before = bytesSent();

    SlotKey other = new SlotKey("sizes", "b");
    assertThat(store.readAll(List.of(other, KEY, other, new SlotKey("sizes", "c"))))
        .extracting(Reply::get)
        .hasExactlyElementsOfTypes(
            Slot.Value.class, Slot.Damaged.class, Slot.Value.class, Slot.Empty.class);

    // What fits the buffers of a socket may have been sent before the connection was closed.
    assertThat(bytesSent() - before).isLessThan(32 * MEGABYTE);
    assertThat(store.readAll(List.of(other, other)))
        .extracting(Reply::get)
        .hasOnlyElementsOfType(Slot.Value.class);
  }

  /** As if written by a process with a larger limit: its version counts, its payload does not. */
  @Test
  void get_entryThatIsTooLarge_isNotFetchedAndReplaced() {
    cache.get("a");
    client.append(SLOT, new byte[64 * MEGABYTE]);
    long before = bytesSent();

    assertThat(cache.read("a").origin()).isEqualTo(Origin.SOURCE_LOCK_HOLDER);

    assertThat(bytesSent() - before).isLessThan(MEGABYTE);
    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.read("a").version()).isEqualTo(OptionalLong.of(7));
  }

  @Test
  void get_entryOfTheLargestSize_isAHit() {
    text = "x".repeat(LARGEST_TEXT);
    cache.get("a");

    assertThat(cache.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(cache.get("a")).hasValue(text);
  }

  @Test
  void claim_expiredEntryOfTheLargestSize_isReservedAndRead() {
    String largest = "x".repeat(100);
    store.claim(KEY, 1, ClaimMode.UNLESS_PRESENT, LIFE, LIFE);
    store.fill(
        KEY,
        1,
        new EncodedRow.Present(7, Payload.wrap(largest.getBytes(US_ASCII))),
        FloorRule.AT_OR_ABOVE,
        new Lifetime(Duration.ofMillis(1), LIFE));
    Awaiting.await().until(() -> !store.read(KEY).isHit());

    assertThat(store.claim(KEY, -5, ClaimMode.IF_FREE, LIFE, LIFE))
        .isEqualTo(new ClaimAnswer.Reserved(7));
    assertThat(store.read(KEY)).isInstanceOf(Slot.Value.class);
    client.append(SLOT, new byte[1]);
    assertThat(store.read(KEY)).isInstanceOf(Slot.Damaged.class);
    assertThat(store.readAll(List.of(KEY))).extracting(Reply::get).containsOnly(new Slot.Damaged());
  }

  @Test
  void read_oneByteMoreThanTheLargest_isDamaged() {
    text = "x".repeat(LARGEST_TEXT);
    cache.get("a");
    client.append(SLOT, new byte[1]);

    assertThat(store.read(KEY)).isInstanceOf(Slot.Damaged.class);
  }

  @Test
  void limit_ofTwoCachesOfOneName_isTheLarger() {
    store.limit("sizes", 200);
    store.limit("sizes", 50);
    text = "x".repeat(LARGEST_TEXT);
    cache.get("a");
    client.append(SLOT, new byte[1]);

    assertThat(store.read(KEY)).isInstanceOf(Slot.Value.class);
  }

  @Test
  void read_nothingThere_isEmpty() {
    assertThat(store.read(KEY)).isInstanceOf(Slot.Empty.class);
  }

  private static long bytesSent() {
    return client
        .info("stats")
        .lines()
        .filter(line -> line.startsWith("total_net_output_bytes:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
