/** Connects an application to ZooKeeper: a Curator client, and the locks on it. */
@NullMarked
package io.tidemark.spring.zookeeper;

import org.jspecify.annotations.NullMarked;
