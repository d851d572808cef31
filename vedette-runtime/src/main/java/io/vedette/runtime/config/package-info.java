/**
 * Configuration: typed keys declared by each module, values from one YAML file, the environment and the command line. A wrong key or value stops the start and says where it is written,
 * what was found and what is allowed.
 */
@NullMarked
package io.vedette.runtime.config;

import org.jspecify.annotations.NullMarked;
