/**
 * Runs a durable, authenticated PostgreSQL from its plain binaries as a child process on a folder. {@link
 * io.vedette.postgres.EmbeddedPostgres} is the way in; {@link io.vedette.postgres.FolderLock} keeps a second instance off
 * a folder and tells it who is there.
 */
@NullMarked
package io.vedette.postgres;

import org.jspecify.annotations.NullMarked;
