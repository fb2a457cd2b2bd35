package io.tidemark.servers;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.Util;
import org.apache.zookeeper.server.util.ZxidUtils;

/**
 * The epoch that a server of an ensemble has on disk. A server that is killed after it has written
 * what a new leader told it, and before it has written that leader's epoch, does not start again:
 * "The current epoch is older than the last zxid" (ZOOKEEPER-2354, open). Its operator writes the
 * epoch, as is done here.
 */
final class ZooKeeperEpoch {
  private static final String FOLDER = "version-2";
  private static final String FILE = "currentEpoch";
  private static final String SNAPSHOT = "snapshot";

  private ZooKeeperEpoch() {}

  /** Writes the epoch of the last change, if that is later than the epoch that was written. */
  static void mend(Path data) throws IOException {
    Path folder = data.resolve(FOLDER);
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    long written = Long.parseLong(Files.readString(file, US_ASCII).strip());
    long reached = ZxidUtils.getEpochFromZxid(lastChange(folder));
    if (reached > written) {
      Files.writeString(file, Long.toString(reached), US_ASCII);
    }
  }

  private static long lastChange(Path folder) throws IOException {
    long logged = new FileTxnLog(folder.toFile()).getLastLoggedZxid();
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .mapToLong(file -> Util.getZxidFromName(file.getFileName().toString(), SNAPSHOT))
          .reduce(logged, Math::max);
    }
  }
}
