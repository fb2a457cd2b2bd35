package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeCache;
import io.tidemark.judge.Judge;

/** One side: how nodes are asked for it, who judges its answers, and what came of them. */
record Contender(NodeCache cache, Judge judge, Scores scores) {
  static Contender of(NodeCache cache) {
    return new Contender(cache, new Judge(), new Scores());
  }

  /** What it is called. */
  String title() {
    return cache.rival().map(rival -> RivalText.of(rival).title()).orElse("Tidemark");
  }

  Lane lane() {
    return cache.equals(NodeCache.TIDEMARK) ? Lane.TIDEMARK : Lane.RIVAL;
  }
}
