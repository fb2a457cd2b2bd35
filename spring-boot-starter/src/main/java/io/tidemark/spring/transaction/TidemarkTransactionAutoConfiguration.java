package io.tidemark.spring.transaction;

import io.tidemark.CacheBuilder;
import io.tidemark.spi.Transactions;
import io.tidemark.spring.CacheBuilderCustomizer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The bean that caches learn from which transaction their callers are in, where the application has
 * Spring's transactions. Every builder of {@link io.tidemark.spring.Tidemark} has it; pass it to
 * {@link CacheBuilder#transactions} of others. A bean of the application's own takes its place.
 */
@AutoConfiguration
@ConditionalOnClass(TransactionSynchronizationManager.class)
public class TidemarkTransactionAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  Transactions tidemarkTransactions() {
    return new SpringTransactions();
  }

  @Bean
  CacheBuilderCustomizer tidemarkTransactionsCustomizer(Transactions transactions) {
    return (name, builder) -> builder.transactions(transactions);
  }
}
