/** What tests share: a database of their own, clocks and seeds they can turn, a network that loses answers, and a trail in a few words. Test scope only. */
@NullMarked
package io.vedette.testkit;

import org.jspecify.annotations.NullMarked;
