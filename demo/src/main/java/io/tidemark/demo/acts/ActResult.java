package io.tidemark.demo.acts;

import java.util.List;

/**
 * How an act went.
 *
 * @param number which act, from 1
 * @param name what the command line calls it
 * @param title its title
 * @param score the figures that tell most, in a few words
 * @param done what was done, a sentence or a few each
 * @param figures what was seen
 * @param passed whether it ended as promised
 * @param verdict why
 */
record ActResult(
    int number,
    String name,
    String title,
    String score,
    List<String> done,
    List<Figure> figures,
    boolean passed,
    String verdict) {}
