/**
 * A relational database as the source.
 *
 * <ul>
 *   <li>{@link io.tidemark.jdbc.JdbcSource}: one query, one row, its value and its version; built
 *       by {@link io.tidemark.jdbc.JdbcSourceBuilder}.
 *   <li>{@link io.tidemark.jdbc.Parameters} and {@link io.tidemark.jdbc.RowMapper}: how a key goes
 *       into the query, and how a row comes out of it.
 *   <li>{@link io.tidemark.jdbc.PostgresVersions}, {@link io.tidemark.jdbc.MariaDbVersions} and
 *       {@link io.tidemark.jdbc.H2Versions}: the SQL that makes a row's version strictly grow, and
 *       keeps it after a deletion; {@link io.tidemark.jdbc.VersionSql} prints it for a migration.
 * </ul>
 */
@NullMarked
package io.tidemark.jdbc;

import org.jspecify.annotations.NullMarked;
