/**
 * A relational database as the source.
 *
 * <ul>
 *   <li>{@link io.tidemark.jdbc.JdbcSource}: one query, one row, its value and its version; built
 *       by {@link io.tidemark.jdbc.JdbcSourceBuilder}.
 *   <li>{@link io.tidemark.jdbc.Parameters} and {@link io.tidemark.jdbc.RowMapper}: how a key goes
 *       into the query, and how a row comes out of it.
 *   <li>{@link io.tidemark.jdbc.PostgresVersions}: the trigger that makes a PostgreSQL row's
 *       version strictly grow.
 * </ul>
 */
@NullMarked
package io.tidemark.jdbc;

import org.jspecify.annotations.NullMarked;
