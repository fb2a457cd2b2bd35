/** The meters of a cache, by Micrometer. */
// An automatic module, by a name of its manifest, which is there to stay.
@SuppressWarnings("requires-transitive-automatic")
module io.tidemark.micrometer {
  requires transitive io.tidemark.core;
  requires transitive micrometer.core;
  requires static org.jspecify;

  exports io.tidemark.micrometer;
}
