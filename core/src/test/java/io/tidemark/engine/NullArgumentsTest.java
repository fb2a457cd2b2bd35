package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WarmOptions;
import io.tidemark.json.JsonCodec;
import io.tidemark.key.KeyEncoder;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.SlotKey;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings("NullAway") // What a program can do that is not checked.
class NullArgumentsTest {

  static Stream<Arguments> calls() {
    return Stream.of(
        call("cache name", cache -> VersionedCache.builder(null)),
        call("cache name", cache -> new SlotKey(null, "key")),
        call("key", cache -> new SlotKey("products", null)),
        call("key", cache -> cache.get(null)),
        call("options", cache -> cache.with(null)),
        call("keys", cache -> cache.getAll(null)),
        call("keys", cache -> cache.readAll(null)),
        call("keys", cache -> cache.warm(null, WarmOptions.defaults())),
        call("options", cache -> cache.warm(List.of(), null)),
        call("row", cache -> cache.publish("key", null)),
        call("rows", cache -> cache.publishAll(null)),
        call("row", cache -> cache.publishAll(Collections.singletonMap("key", null))),
        call("keys", cache -> cache.invalidateAll(null)),
        call("key", cache -> cache.invalidateAll(Collections.singletonList(null))),
        call("write", cache -> cache.update("key", null)),
        call("progress", cache -> cache.clear(null)),
        call("value", cache -> Row.present(null, 1)),
        call("ttl", cache -> Row.present("value", 1, null)),
        call("type", cache -> JsonCodec.of((Class<?>) null)),
        call("type", cache -> JsonCodec.of((TypeReference<?>) null)),
        call("mapper", cache -> JsonCodec.of(new TypeReference<String>() {}, null)),
        call("type", cache -> KeyEncoder.of(null)),
        call("key", cache -> KeyEncoder.of(Long.class).encode(null)),
        call("field 2", cache -> KeyEncoder.<String>ofFields(String::length, null)));
  }

  private static Arguments call(String argument, Consumer<VersionedCache<String, String>> call) {
    return Arguments.of(argument, call);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void call_nullArgument_isNamed(String argument, Consumer<VersionedCache<String, String>> call) {
    try (VersionedCache<String, String> cache =
        VersionedCache.<String, String>builder("products")
            .source(new Table())
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(new StringCodec())
            .build()) {
      assertThatThrownBy(() -> call.accept(cache))
          .isInstanceOf(NullPointerException.class)
          .hasMessage(argument);
    }
  }
}
