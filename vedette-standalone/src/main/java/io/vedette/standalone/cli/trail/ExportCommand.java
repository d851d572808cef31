package io.vedette.standalone.cli.trail;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.StoredTrail.Head;
import io.vedette.collector.integrate.verify.StoredTrail.StoredNote;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.trail.EntryBundle;
import io.vedette.trail.TileId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The log as files that any web server serves and any C2SP tool reads. It holds no payload. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = 1,
    description =
        "Write the log as C2SP tlog-tiles: checkpoint, tiles and entry bundles. Holds no payload; any web server can serve it.")
final class ExportCommand implements Callable<Integer> {
  private static final int WIDTH = TileId.MAX_WIDTH;

  @Mixin
  private TrailDatabase database = new TrailDatabase();

  @Parameters(
      paramLabel = "DIR",
      description =
          "folder to write to; what a former export of the same log left there is gone on with")
  private Path folder = Path.of("");

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, SQLException {
    try (StoredTrail trail = database.open()) {
      Head head = trail.head();
      StoredNote newest = trail
          .newestCheckpoint(head.epoch())
          .orElseThrow(
              () -> new CommandFailure("the trail " + head.origin() + " has no checkpoint yet"));
      long tiles = tiles(trail, newest.size());
      for (long index = 0; index * WIDTH < newest.size(); index++) {
        TileId id = TileId.inTree(TileId.ENTRIES, index, newest.size());
        byte[] commitments = trail.commitments(index * WIDTH, id.width());
        if (commitments.length != id.width() * 32) {
          throw new CommandFailure(
              "entries " + index * WIDTH + " to " + (index * WIDTH + id.width() - 1)
                  + " are not all there (vedette trail verify says what is wrong)");
        }
        write(id.path(), EntryBundle.encode(commitments, 0, id.width()));
        tiles++;
      }
      write("checkpoint", newest.note()); // last: it promises the others
      spec.commandLine()
          .getOut()
          .println(folder + ": checkpoint of size " + newest.size() + " and " + tiles
              + " tiles and bundles");
      return 0;
    }
  }

  private long tiles(StoredTrail trail, long size) throws IOException, SQLException {
    long count = 0;
    for (int level = 0; level < 8 && (size >>> (8 * level)) > 0; level++) {
      long hashes = size >>> (8 * level);
      for (long index = 0; index * WIDTH < hashes; index++) {
        TileId id = TileId.inTree(level, index, size);
        byte[] tile = trail.tile(level, index, id.width());
        if (tile == null || tile.length != id.width() * 32) {
          throw new CommandFailure(
              id.path() + " is not there (vedette trail verify says what is wrong)");
        }
        write(id.path(), tile);
        count++;
      }
    }
    return count;
  }

  private void write(String path, byte[] content) throws IOException {
    Path file = folder.resolve(path);
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.write(file, content);
  }
}
