/** A circuit breaker around a slot store, by Resilience4j. */
// An automatic module, by a name of its manifest, which is there to stay.
@SuppressWarnings("requires-transitive-automatic")
module io.tidemark.resilience4j {
  requires transitive io.github.resilience4j.circuitbreaker;
  requires transitive io.tidemark.core;
  requires io.github.resilience4j.core;
  requires static org.jspecify;
  requires org.slf4j;

  exports io.tidemark.resilience4j;
}
