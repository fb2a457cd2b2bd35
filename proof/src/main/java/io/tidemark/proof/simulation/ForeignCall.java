package io.tidemark.proof.simulation;

/** A call of a cache to code that is not its own. */
enum ForeignCall {
  SOURCE,
  REPLICA,
  ENCODE,
  DECODE,
  ENCODE_KEY,
  STORE,
  STORE_AFTERWARDS,
  ACQUIRE,
  AWAIT_HOLDER,
  RELEASE,
  LISTENER,
  EXECUTOR,
  SCHEDULER,
  WRITE
}
