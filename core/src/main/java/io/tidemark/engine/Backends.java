package io.tidemark.engine;

import io.tidemark.Codec;
import io.tidemark.Source;
import io.tidemark.key.KeyEncoder;
import io.tidemark.options.OptionRules;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Transactions;
import java.time.Duration;
import java.util.Optional;

/**
 * What a cache connects. Each component is explained at the option of the same name in {@link
 * io.tidemark.CacheBuilder}.
 */
public record Backends<K, V>(
    Source<K, V> source,
    Optional<Source<K, V>> replica,
    Duration replicaLag,
    SlotStore store,
    LockProvider locks,
    Codec<V> codec,
    KeyEncoder<? super K> keyEncoder,
    Optional<Transactions> transactions) {

  /** Refuses a replica without a lag, and a lag without a replica. */
  public Backends {
    OptionRules.check(
        replica.isEmpty() == replicaLag.isZero(),
        "replicaLag is %s and replica is %s; one needs the other"
            .formatted(replicaLag, replica.isEmpty() ? "not set" : "set"));
  }
}
