package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeCache;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.judge.Judge.Reading;
import io.tidemark.judge.Judge.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls nodes on both lanes, lets the judges look at each answer, and counts. Thread-safe. */
final class Caller {
  /** What is kept of the calls that ended until it is taken: more than a page can show. */
  private static final int MOST_KEPT = 4_000;

  private static final double LATENCY_SPAN_MILLIS = 5_000;
  private static final String RIGHT = word(Verdict.RIGHT);
  private static final String FAILED = "failed";

  private final Contender tidemark = Contender.of(NodeCache.TIDEMARK);
  private final Map<Integer, Latencies> latencies = new ConcurrentHashMap<>();
  private final Consumer<Events.Call> wrongAnswers;
  private volatile Contender rival;
  private List<Events.Call> ended = new ArrayList<>();

  /**
   * Prepares to call.
   *
   * @param rival the first rival
   * @param wrongAnswers is told of each wrong answer
   */
  Caller(String rival, Consumer<Events.Call> wrongAnswers) {
    this.rival = Contender.of(NodeCache.ofRival(rival));
    this.wrongAnswers = wrongAnswers;
  }

  /**
   * Plays against another rival from now on, whose counts begin anew.
   *
   * @return false if it is that rival's turn already, and nothing was changed
   */
  synchronized boolean choose(String name) {
    NodeCache chosen = NodeCache.ofRival(name);
    if (rival.cache().equals(chosen)) {
      return false;
    }
    rival = Contender.of(chosen);
    return true;
  }

  Contender contender(Lane lane) {
    return lane == Lane.TIDEMARK ? tidemark : rival;
  }

  /** What a read was answered, and what the judge says of it. */
  record Answer(Read read, Verdict verdict) {}

  /** Reads a product. */
  CompletableFuture<Answer> read(Contender side, LiveNode node, long product, Duration dbLatency) {
    return read(side, node, product, client -> side.cache().read(client, product, dbLatency));
  }

  /** Reads a product; a load stays in the hold until that is open. */
  CompletableFuture<Answer> heldRead(Contender side, LiveNode node, long product, String hold) {
    return read(side, node, product, client -> side.cache().heldRead(client, product, hold));
  }

  private CompletableFuture<Answer> read(
      Contender side,
      LiveNode node,
      long product,
      Function<NodeClient, CompletableFuture<Read>> read) {
    Reading reading = side.judge().begin(product);
    Call call = new Call(side, node, "read", product);
    return read.apply(LiveFleet.client(node))
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                call.failed(failure);
              }
            })
        .thenApply(
            answer -> {
              Verdict verdict = side.judge().answered(reading, Long.parseLong(answer.version()));
              side.scores().read(verdict);
              if (side.lane() == Lane.TIDEMARK) {
                latencies(node.number()).add(call.begin, now());
              }
              call.answered(answer.source(), answer.version(), word(verdict));
              return new Answer(answer, verdict);
            });
  }

  /** Changes a product. */
  CompletableFuture<Update> update(Contender side, LiveNode node, Product product) {
    Call call = new Call(side, node, "write", product.id());
    return side.cache()
        .update(LiveFleet.client(node), product)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                call.failed(failure);
                return;
              }
              side.judge().acknowledged(product.id(), Long.parseLong(answer.version()));
              side.scores().written();
              call.answered(null, answer.version(), RIGHT);
            });
  }

  /** The calls that ended since this was asked last. */
  synchronized List<Events.Call> takeEnded() {
    List<Events.Call> taken = ended;
    ended = new ArrayList<>();
    return taken;
  }

  /** How long reads of Tidemark took in a node. */
  Latencies latencies(int node) {
    return latencies.computeIfAbsent(node, number -> new Latencies(LATENCY_SPAN_MILLIS));
  }

  private synchronized void end(Events.Call call) {
    if (ended.size() < MOST_KEPT) {
      ended.add(call);
    }
  }

  static double now() {
    return System.currentTimeMillis();
  }

  private static String word(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }

  /** A call under way. */
  private final class Call {
    private final Contender side;
    private final LiveNode node;
    private final String kind;
    private final long product;
    private final double begin = now();

    Call(Contender side, LiveNode node, String kind, long product) {
      this.side = side;
      this.node = node;
      this.kind = kind;
      this.product = product;
      node.underWay().incrementAndGet();
    }

    void answered(@Nullable String source, String version, String verdict) {
      end(source, version, verdict, null);
    }

    void failed(Throwable failure) {
      side.scores().failed();
      end(null, null, FAILED, String.valueOf(NodeClient.causeOf(failure).getMessage()));
    }

    private void end(
        @Nullable String source, @Nullable String version, String verdict, @Nullable String error) {
      node.underWay().decrementAndGet();
      Events.Call event =
          new Events.Call(
              side.lane(),
              node.number(),
              kind,
              product,
              begin,
              now(),
              source,
              version,
              verdict,
              error);
      Caller.this.end(event);
      if (!verdict.equals(RIGHT) && !verdict.equals(FAILED)) {
        wrongAnswers.accept(event);
      }
    }
  }
}
