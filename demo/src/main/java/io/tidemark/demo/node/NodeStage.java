package io.tidemark.demo.node;

/** What is played on a node. */
enum NodeStage {
  /** Nothing: it is a node as anybody would start it. */
  NONE,

  /** The acts: it is as patient with every server as its callers are, and its loads can be held. */
  REHEARSAL,

  /**
   * The live page: its loads can be held, the rivals run beside the cache, and it tells its work.
   */
  LIVE
}
