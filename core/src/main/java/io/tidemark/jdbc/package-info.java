/**
 * A relational database as the source.
 *
 * <ul>
 *   <li>{@link io.tidemark.jdbc.JdbcSource} reads one row with one query, its value and its
 *       version, and several rows with one statement. {@link io.tidemark.jdbc.JdbcSourceBuilder}
 *       builds it.
 *   <li>{@link io.tidemark.jdbc.Parameters}, {@link io.tidemark.jdbc.RowMapper} and {@link
 *       io.tidemark.jdbc.RowTtl} are the user's functions: a key to the query's parameters, a row
 *       to a value and to its time to live.
 *   <li>{@link io.tidemark.jdbc.PostgresVersions}, {@link io.tidemark.jdbc.MariaDbVersions} and
 *       {@link io.tidemark.jdbc.H2Versions} return the SQL that makes a row's version strictly
 *       grow, and keeps it after a deletion. {@link io.tidemark.jdbc.VersionSql} prints it for a
 *       migration. {@code SqlTemplate} and {@code SqlNames} fill in the names.
 * </ul>
 *
 * <p>Hidden types of the source: {@code Connections} takes the connections of loads and, with
 * {@code PoolUse}, explains why none comes; {@code VersionColumn} reads the version; {@code
 * KeyQuery} runs a query for one key and {@code BulkQuery} for several, with the statements of
 * {@code BulkSql}, the parameters in {@code RecordedParameters}, the {@code ColumnTypes} of both,
 * and a {@code CurrentRow} for the mapper; {@code Statements} explains what drivers report. For
 * {@link io.tidemark.jdbc.JdbcSource#check}, {@code JdbcSetup} looks at connection and queries, and
 * {@code GrowthCheck} at the column that {@code VersionOrigin} names.
 */
@NullMarked
package io.tidemark.jdbc;

import org.jspecify.annotations.NullMarked;
