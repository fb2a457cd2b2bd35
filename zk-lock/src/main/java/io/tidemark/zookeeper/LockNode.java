package io.tidemark.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/**
 * A znode that holds a key's lock, or queues for it. Only what these locks have made does: its name
 * is theirs, and it ends with its session. Anything else below a key, such as a node that a person
 * or a copying tool has left there, holds nothing; it would do so for ever.
 *
 * @param path the node
 * @param madeBy who made it, for people
 * @param since when, by the servers' clock
 */
record LockNode(String path, String madeBy, Instant since) {
  /** What Curator puts before the sequence number of a mutex's node. */
  static final String MUTEX_NAME = "lock-";

  private static final int SEQUENCE_DIGITS = 10;
  private static final int MAX_CHARS_SHOWN = 64;
  private static final String UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  /** Curator's protection, the attempt's own id, and the sequence number. */
  private static final Pattern OURS =
      Pattern.compile("_c_" + UUID + "-" + UUID + "-" + MUTEX_NAME + "[0-9]{10}");

  private static final Pattern UNPRINTABLE = Pattern.compile("[^!-~]");

  /** What each node says of the process that made it. */
  static byte[] madeByThisProcess() {
    return ThisProcess.NAME.clone();
  }

  /** Those of a key's children that have names of these locks, the first in line first. */
  static List<String> inLine(Collection<String> children) {
    return children.stream()
        .filter(LockNode::isOurs)
        .sorted(Comparator.comparing(LockNode::sequence))
        .toList();
  }

  static boolean isOurs(String child) {
    return OURS.matcher(child).matches();
  }

  /** The first of some nodes that is there and will go with its session. */
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
        // It has gone since its parent was looked at.
      }
    }
    return Optional.empty();
  }

  /** Its name below its parent. */
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

  /** What a server hands out may be anybody's. */
  private static String shown(byte[] data) {
    String text = UNPRINTABLE.matcher(new String(data, UTF_8)).replaceAll("?");
    return text.substring(0, Math.min(text.length(), MAX_CHARS_SHOWN));
  }

  /** Holds the name once it is first asked for: that may ask a name server. */
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
