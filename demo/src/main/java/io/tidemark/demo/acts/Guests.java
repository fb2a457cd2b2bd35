package io.tidemark.demo.acts;

import io.tidemark.processes.ProcessGroup.ReadyChild;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Nodes beside the fleet, for one act; closing ends them, those that were killed included. */
final class Guests implements AutoCloseable {
  private final StageNodes nodes;
  private final List<NodeProcess> guests;

  private Guests(StageNodes nodes, List<NodeProcess> guests) {
    this.nodes = nodes;
    this.guests = guests;
  }

  /** Starts nodes of these names. */
  static Guests invite(StageNodes nodes, StageNodes.Kind kind, String... names)
      throws IOException, InterruptedException {
    List<CompletableFuture<ReadyChild>> launched = new ArrayList<>();
    for (String name : names) {
      launched.add(nodes.launch(name, kind));
    }
    List<NodeProcess> guests = new ArrayList<>();
    for (CompletableFuture<ReadyChild> guest : launched) {
      guests.add(nodes.await(guest));
    }
    return new Guests(nodes, List.copyOf(guests));
  }

  List<NodeProcess> all() {
    return guests;
  }

  /** One of them, from 1. */
  NodeProcess node(int number) {
    return guests.get(number - 1);
  }

  @Override
  public void close() throws IOException {
    try {
      for (NodeProcess guest : guests) {
        nodes.end(guest);
      }
    } catch (InterruptedException e) {
      // The command is ending, and ends them with all others.
      Thread.currentThread().interrupt();
    }
  }
}
