/** Rules as data: parsed with their lines, checked, compiled, put in force. No clock, no bus, no SQL. */
@NullMarked
package io.vedette.analyzer.rule;

import org.jspecify.annotations.NullMarked;
