package io.tidemark.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/**
 * A znode that holds a key's lock, or queues for it. It has a name that these locks give, and it
 * ends with its session. Any other node below a key, such as one that a person or a copying tool
 * left there, counts for nothing: it would hold the lock for ever. Immutable.
 *
 * @param path the node
 * @param madeBy the process that made it, for people
 * @param since when it was made, by the servers' clock
 */
record LockNode(String path, String madeBy, Instant since) {
  /** What Curator puts before the sequence number of a mutex's node. */
  static final String MUTEX_NAME = "lock-";

  private static final int SEQUENCE_DIGITS = 10;
  private static final int MAX_CHARS_SHOWN = 64;
  private static final String UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  /** Curator's protection prefix, the attempt's own id, and the sequence number. */
  private static final Pattern OURS =
      Pattern.compile("_c_" + UUID + "-" + UUID + "-" + MUTEX_NAME + "[0-9]{10}");

  private static final Pattern UNPRINTABLE = Pattern.compile("[^!-~]");

  /** The data of a node, which names the process that made it. */
  static byte[] madeByThisProcess() {
    return ThisProcess.NAME.clone();
  }

  /** Has the name ready that {@link #madeByThisProcess} returns. May ask a name server. */
  static void findNameOfThisProcess() {
    Objects.requireNonNull(ThisProcess.NAME);
  }

  /** The children of a key that these locks named, in the order of the queue. */
  static List<String> inLine(Collection<String> children) {
    return children.stream()
        .filter(LockNode::isOurs)
        .sorted(Comparator.comparing(LockNode::sequence))
        .toList();
  }

  static boolean isOurs(String child) {
    return OURS.matcher(child).matches();
  }

  /** Finds the first of some nodes that exists and ends with its session. */
  static Optional<LockNode> first(CuratorFramework curator, String parent, List<String> line)
      throws Exception {
    for (String name : line) {
      Stat stat = new Stat();
      try {
        byte[] data = curator.getData().storingStatIn(stat).forPath(parent + '/' + name);
        if (stat.getEphemeralOwner() != 0) {
          return Optional.of(
              new LockNode(
                  parent + '/' + name, shown(data), Instant.ofEpochMilli(stat.getCtime())));
        }
      } catch (KeeperException.NoNodeException e) {
        // It has gone since its parent was read.
      }
    }
    return Optional.empty();
  }

  /** The name of the node below its parent. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public String toString() {
    return path + ", made by " + madeBy + " at " + since;
  }

  private static String sequence(String name) {
    return name.substring(name.length() - SEQUENCE_DIGITS);
  }

  /** Makes data printable that anybody may have written. */
  private static String shown(byte[] data) {
    String text = UNPRINTABLE.matcher(new String(data, UTF_8)).replaceAll("?");
    return text.substring(0, Math.min(text.length(), MAX_CHARS_SHOWN));
  }

  /** Computes the name on first use, which may query a name server. */
  private static final class ThisProcess {
    static final byte[] NAME = (ProcessHandle.current().pid() + "@" + host()).getBytes(UTF_8);

    private static String host() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "unknown";
      }
    }
  }
}
