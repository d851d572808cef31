/** The expression language of rules and of subscribers' filters: one environment, so that both mean the same. */
@NullMarked
package io.vedette.runtime.expression;

import org.jspecify.annotations.NullMarked;
