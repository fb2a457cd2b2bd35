/**
 * Texts for keys. Begin with {@link io.tidemark.key.KeyEncoder}. Hidden: {@code KeyTypes} knows the
 * simple types and records, {@code GivenClassEncoder} and {@code OneClassEncoder} hold keys to one
 * class, {@code KeyFields} joins the texts of fields.
 */
@NullMarked
package io.tidemark.key;

import org.jspecify.annotations.NullMarked;
