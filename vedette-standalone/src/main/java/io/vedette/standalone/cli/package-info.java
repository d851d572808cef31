/** The subcommands of {@code ./vedette}, one file each. They print for people, exit with 0 on success, 1 on failure and 2 on wrong usage. */
@NullMarked
package io.vedette.standalone.cli;

import org.jspecify.annotations.NullMarked;
