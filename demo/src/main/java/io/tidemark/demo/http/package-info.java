/**
 * JSON, and now and then text, over HTTP on this machine, by the JDK's own server.
 *
 * <ul>
 *   <li>{@link io.tidemark.demo.http.JsonServer}: finds the route of a request, keeps the limits,
 *       and answers every failure in JSON.
 *   <li>{@link io.tidemark.demo.http.RequestThreads}: hangs up on clients that keep threads
 *       waiting.
 *   <li>{@link io.tidemark.demo.http.Route}: a method, a path, and what answers it.
 *   <li>{@link io.tidemark.demo.http.Request} and {@link io.tidemark.demo.http.Response}: what a
 *       route gets and gives.
 *   <li>{@link io.tidemark.demo.http.RefusedRequestException}: the answer when the request is to
 *       blame.
 * </ul>
 */
@NullMarked
package io.tidemark.demo.http;

import org.jspecify.annotations.NullMarked;
