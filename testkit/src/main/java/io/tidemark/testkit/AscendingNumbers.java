package io.tidemark.testkit;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * Pairs of a lower and a higher number, 1 or more, that a store gets wrong if it keeps numbers as
 * doubles, as 32 bits, or as text without padding.
 */
final class AscendingNumbers implements ArgumentsProvider {
  private static final long NANOSECOND_STAMP = 1_790_000_000_123_456_789L;

  @Override
  public Stream<Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    return Stream.of(
        Arguments.of(1L, 2L),
        Arguments.of(9L, 10L),
        Arguments.of(1L, Long.MAX_VALUE),
        Arguments.of((1L << 31) - 1, 1L << 31),
        Arguments.of((1L << 32) - 1, 1L << 32),
        Arguments.of(1L << 53, (1L << 53) + 1),
        Arguments.of(NANOSECOND_STAMP, NANOSECOND_STAMP + 1),
        Arguments.of(999_999_999_999_999_999L, 1_000_000_000_000_000_000L),
        Arguments.of(Long.MAX_VALUE - 1, Long.MAX_VALUE));
  }
}
