/**
 * Values as JSON. Begin with {@link io.tidemark.json.JsonCodec}. Hidden: {@code JsonMappers} sets
 * up Jackson, with {@code JsonIntrospector} for its annotations; {@code JsonCompleteness} checks
 * that an object has all its properties; {@code JsonOfOthers} reads entries of other releases;
 * {@code JsonOrder} sorts what has no order; {@code JsonBytes}, {@code JsonTimes} and {@code
 * JsonSqlTimes} write single types exactly; {@code JsonFailure} reports failures without values;
 * {@code JacksonCheck} refuses a Jackson that is too old.
 */
@NullMarked
package io.tidemark.json;

import org.jspecify.annotations.NullMarked;
