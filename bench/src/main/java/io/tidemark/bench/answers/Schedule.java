package io.tidemark.bench.answers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What happens in a run, in an order that no time changes: the same seed gives every contestant the
 * same. Immutable.
 *
 * @param seed of all choices
 * @param load what all processes that are not paused do between the steps of a scene
 * @param readsOfHeld how often a process reads each item of a scene, each time it looks
 * @param scenes one after the other
 */
public record Schedule(long seed, Load load, int readsOfHeld, List<Scene> scenes) {
  /** Which read, and beside them write. */
  static final int PROCESSES = 3;

  private static final int OTHER_ITEMS = 64;
  private static final int ITEMS_OF_EACH_COURSE = 2;

  public Schedule {
    scenes = List.copyOf(scenes);
  }

  /**
   * The load between two steps.
   *
   * @param turns how often the rest is done
   * @param threads how many read in each process
   * @param reads how many reads each of them makes
   * @param writes how many items a further thread of each process changes meanwhile
   * @param evictions how many entries Redis loses meanwhile
   */
  public record Load(int turns, int threads, int reads, int writes, int evictions) {}

  /** What becomes of an item while a process is paused that has read its row and stored nothing. */
  enum Course {
    /** Another process changes it. */
    WRITTEN,
    /** That, and then Redis loses its entry. */
    EVICTED,
    /**
     * Another process changes it and is paused after the commit, before the cache is told. Redis
     * loses its entry, and a third process reads the item.
     */
    NOT_ACKNOWLEDGED
  }

  /** An item of a scene. */
  record HeldItem(int id, Course course) {}

  /**
   * A pause that comes at a bad moment.
   *
   * @param loader the process that is paused in the middle of loads, longer than a lock lives
   * @param writer the one that changes the items meanwhile
   * @param reader the one that is never paused
   * @param items which all of it happens to, at once
   */
  record Scene(int loader, int writer, int reader, List<HeldItem> items) {
    List<Integer> ids() {
      return items.stream().map(HeldItem::id).toList();
    }

    List<Integer> ids(Course course) {
      return items.stream().filter(item -> item.course() == course).map(HeldItem::id).toList();
    }
  }

  /** A schedule with some scenes. */
  public static Schedule of(long seed, int scenes, Load load, int readsOfHeld) {
    Random random = new Random(seed);
    List<Scene> all = new ArrayList<>();
    int next = 0;
    for (int scene = 0; scene < scenes; scene++) {
      List<Integer> processes = new ArrayList<>(IntStream.range(0, PROCESSES).boxed().toList());
      Collections.shuffle(processes, random);
      List<HeldItem> items = new ArrayList<>();
      for (Course course : Course.values()) {
        for (int i = 0; i < ITEMS_OF_EACH_COURSE; i++) {
          items.add(new HeldItem(next++, course));
        }
      }
      all.add(new Scene(processes.get(0), processes.get(1), processes.get(2), items));
    }
    return new Schedule(seed, load, readsOfHeld, all);
  }

  /** An item's number, and what becomes of it. */
  public String nameOf(int item) {
    return scenes.stream()
        .flatMap(scene -> scene.items().stream())
        .filter(held -> held.id() == item)
        .map(held -> "item %d, %s,".formatted(item, held.course()))
        .findFirst()
        .orElse("item " + item);
  }

  /** How many items there are; they are numbered from 0. All are read by the load. */
  int items() {
    return firstOfLoad() + OTHER_ITEMS;
  }

  /** The first of the items that the load changes and evicts: those that are in no scene. */
  int firstOfLoad() {
    return scenes.stream().mapToInt(scene -> scene.items().size()).sum();
  }
}
