package io.tidemark.engine;

import io.tidemark.CodecException;
import io.tidemark.spi.SlotKey;
import org.jspecify.annotations.Nullable;

/**
 * Why a value cannot be cached. Immutable.
 *
 * @param reason in words that show no value
 * @param cause what the codec threw, if it did
 */
record Refusal(String reason, @Nullable Throwable cause) {
  CodecException toException(SlotKey key) {
    return new CodecException(key, reason, cause);
  }
}
