/** Range checks for the options of the cache, in {@code OptionRules}. Not exported to users. */
@NullMarked
package io.tidemark.options;

import org.jspecify.annotations.NullMarked;
