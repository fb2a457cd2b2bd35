package io.tidemark.spring.zookeeper;

import io.tidemark.spi.LockProvider;
import io.tidemark.spring.properties.TidemarkProperties;
import io.tidemark.zookeeper.ZooKeeperLocks;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.ACLProvider;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Locks in ZooKeeper, and a Curator client for them, unless the application has its own. A bean of
 * the type {@link ACLProvider} is used for what the client creates.
 */
@AutoConfiguration(afterName = "org.springframework.cloud.zookeeper.ZookeeperAutoConfiguration")
@ConditionalOnClass({CuratorFramework.class, ZooKeeperLocks.class})
@ConditionalOnMissingBean(LockProvider.class)
@ConditionalOnProperty(name = "tidemark.locks", havingValue = "zookeeper", matchIfMissing = true)
@EnableConfigurationProperties(TidemarkProperties.class)
public class TidemarkZooKeeperAutoConfiguration {

  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  CuratorFramework tidemarkCurator(
      TidemarkProperties properties, ObjectProvider<ACLProvider> acls) {
    return CuratorClients.start(properties.zookeeper(), acls.getIfAvailable());
  }

  @Bean(destroyMethod = "close")
  ZooKeeperLocks tidemarkLocks(CuratorFramework curator) {
    return ZooKeeperLocks.create(curator);
  }
}
