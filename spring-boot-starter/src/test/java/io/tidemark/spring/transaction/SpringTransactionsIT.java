package io.tidemark.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NESTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NOT_SUPPORTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_REQUIRED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_REQUIRES_NEW;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.UnsafeInTransactionException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.jdbc.PostgresVersions;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Transactions;
import io.tidemark.spring.Tidemark;
import io.tidemark.spring.TidemarkAutoConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What caches do in the transactions of Spring, on PostgreSQL. */
class SpringTransactionsIT {
  private static Database database;
  private static DataSource dataSource;
  private static JdbcClient client;
  private static PlatformTransactionManager manager;
  private static JdbcSource<Long, Account> source;

  private final InMemoryStore store = InMemoryStore.create();
  private final LocalLocks locks = LocalLocks.create();
  private final List<VersionedCache<Long, Account>> caches = new ArrayList<>();
  private final VersionedCache<Long, Account> accounts = cache(new SpringTransactions());

  /** In another process. */
  private final VersionedCache<Long, Account> other = cache(null);

  @BeforeAll
  static void start() {
    database = new Database();
    dataSource = database.pool();
    client = JdbcClient.create(dataSource);
    manager = new JdbcTransactionManager(dataSource);
    client
        .sql(
            "create table account (id bigint primary key, balance int not null, updated_at"
                + " timestamptz not null default clock_timestamp(), owner int, constraint late"
                + " foreign key (owner) references account deferrable initially deferred)")
        .update();
    client.sql(PostgresVersions.triggerSql("account", "updated_at")).update();
    source =
        JdbcSource.<Long, Account>builder(dataSource)
            .query("select * from account where id = ?")
            .rowMapper(row -> new Account(row.getLong("id"), row.getInt("balance")))
            .versionTimestamp("updated_at")
            .build();
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @BeforeEach
  void fill() {
    client.sql("truncate account").update();
    client.sql("insert into account (id, balance) values (1, 100), (2, 100)").update();
    assertThat(other.get(1L)).hasValue(new Account(1, 100));
    assertThat(other.get(2L)).hasValue(new Account(2, 100));
  }

  @AfterEach
  void close() {
    caches.forEach(VersionedCache::close);
  }

  private VersionedCache<Long, Account> cache(@Nullable Transactions transactions) {
    var builder =
        VersionedCache.<Long, Account>builder("accounts")
            .source(source)
            .store(store)
            .locks(locks)
            .codec(JsonCodec.of(Account.class));
    if (transactions != null) {
      builder.transactions(transactions);
    }
    VersionedCache<Long, Account> cache = builder.build();
    caches.add(cache);
    return cache;
  }

  private static WriteResult<Account> add(
      VersionedCache<Long, Account> cache, long id, int amount) {
    return cache.update(
        id,
        () ->
            client
                .sql("update account set balance = balance + ? where id = ? returning *")
                .params(amount, id)
                .query((row, n) -> source.row(row))
                .single());
  }

  private static TransactionTemplate in(int propagation) {
    TransactionTemplate template = new TransactionTemplate(manager);
    template.setPropagationBehavior(propagation);
    return template;
  }

  private void assertLoaded(long id, int balance) throws Exception {
    assertThat(other.read(id).origin()).isNotEqualTo(Origin.CACHE);
    assertIsEntry(id, balance);
  }

  private void assertIsEntry(long id, int balance) throws Exception {
    ReadResult<Account> read = other.read(id);
    assertThat(read.origin()).isEqualTo(Origin.CACHE);
    assertThat(read.value()).hasValue(new Account(id, balance));
    assertThat(read.version()).isEqualTo(source.load(id).version());
  }

  /** Seen: both rows were served to the whole fleet for their time to live. */
  @Test
  void update_twoRowsAndTheTransactionThrows_servesNoneOfThem() throws Exception {
    assertThatThrownBy(
            () ->
                in(PROPAGATION_REQUIRED)
                    .executeWithoutResult(
                        status -> {
                          add(accounts, 1, -30);
                          add(accounts, 2, 30);
                          throw new IllegalStateException("no overdraft");
                        }))
        .hasMessage("no overdraft");

    assertLoaded(1, 100);
    assertLoaded(2, 100);
  }

  @Test
  void update_twoRowsAndTheTransactionCommits_publishesBoth() throws Exception {
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              assertThat(add(accounts, 1, -30).outcome()).isEqualTo(WriteOutcome.DEFERRED);
              assertThat(add(accounts, 2, 30).row().version()).isPresent();
            });

    assertIsEntry(1, 70);
    assertIsEntry(2, 130);
  }

  @Test
  void update_cacheNotToldOfTransactions_isRefusedAndNothingIsWritten() throws Exception {
    VersionedCache<Long, Account> untold = cache(null);
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(
            () -> in(PROPAGATION_REQUIRED).executeWithoutResult(status -> add(untold, 1, -30)))
        .withMessage(
            "accounts:1: update was called in an open transaction of Spring's that this cache was"
                + " not told of: the row would be published before the commit, and stay if it is"
                + " rolled back. Set transactions, which tidemark-spring-boot-starter does for each"
                + " CacheBuilder of the application; or, if each write commits in a transaction of its"
                + " own, set transactions(Transactions.none()); the write did not run");

    assertIsEntry(1, 100);
    assertThat(add(untold, 1, -30).outcome()).isEqualTo(WriteOutcome.STORED);
  }

  @Test
  void update_ownTransactionOfTheWriteAndToldOfNone_isPublishedAtOnce() throws Exception {
    VersionedCache<Long, Account> none = cache(Transactions.none());
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              WriteOutcome outcome =
                  none.update(
                          1L,
                          () ->
                              in(PROPAGATION_REQUIRES_NEW)
                                  .execute(
                                      own ->
                                          client
                                              .sql(
                                                  "update account set balance = 7 where id = 1"
                                                      + " returning *")
                                              .query((row, n) -> source.row(row))
                                              .single()))
                      .outcome();
              assertThat(outcome).isEqualTo(WriteOutcome.STORED);
              status.setRollbackOnly();
            });

    assertIsEntry(1, 7);
  }

  @Test
  void update_requiresNew_isPublishedWithItsOwnCommit() throws Exception {
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              add(accounts, 1, -30);
              in(PROPAGATION_REQUIRES_NEW).executeWithoutResult(own -> add(accounts, 2, 30));
              assertThat(other.read(2L).value()).hasValue(new Account(2, 130));
              add(accounts, 1, -30);
              status.setRollbackOnly();
            });

    assertLoaded(1, 100);
    assertIsEntry(2, 130);
  }

  @Test
  void update_requiresNewOfAKeyOfTheOuterOne_isRefusedAtOnce() throws Exception {
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              add(accounts, 1, -30);
              assertThatExceptionOfType(UnsafeInTransactionException.class)
                  .isThrownBy(
                      () ->
                          in(PROPAGATION_REQUIRES_NEW)
                              .executeWithoutResult(own -> add(accounts, 1, 30)));
              assertThatExceptionOfType(UnsafeInTransactionException.class)
                  .isThrownBy(
                      () ->
                          in(PROPAGATION_NOT_SUPPORTED)
                              .executeWithoutResult(none -> accounts.get(1L)));
            });

    assertIsEntry(1, 70);
  }

  @Test
  void update_nestedIsRolledBack_publishesTheRestOnly() throws Exception {
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              add(accounts, 1, -30);
              in(PROPAGATION_NESTED)
                  .executeWithoutResult(
                      nested -> {
                        add(accounts, 2, 30);
                        nested.setRollbackOnly();
                      });
            });

    assertIsEntry(1, 70);
    assertLoaded(2, 100);
  }

  @Test
  void update_firstInANestedOneThatIsRolledBack_isDropped() throws Exception {
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              in(PROPAGATION_NESTED)
                  .executeWithoutResult(
                      nested -> {
                        add(accounts, 1, -30);
                        nested.setRollbackOnly();
                      });
              add(accounts, 2, 30);
            });

    assertLoaded(1, 100);
    assertIsEntry(2, 130);
  }

  @Test
  void update_nestedCommits_isPublishedWithTheOuterOne() throws Exception {
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              in(PROPAGATION_NESTED).executeWithoutResult(nested -> add(accounts, 1, -30));
              Object savepoint = status.createSavepoint();
              add(accounts, 2, 30);
              add(accounts, 1, -30);
              status.rollbackToSavepoint(savepoint);
              assertThat(
                      client
                          .sql("select balance from account where id = 1")
                          .query(Integer.class)
                          .single())
                  .isEqualTo(70);
            });

    assertLoaded(1, 70);
    assertLoaded(2, 100);
  }

  @Test
  void update_readOnly_isRefused() {
    TransactionTemplate readOnly = in(PROPAGATION_REQUIRED);
    readOnly.setReadOnly(true);
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(() -> readOnly.executeWithoutResult(status -> add(accounts, 1, -30)))
        .withMessageStartingWith("accounts:1: update was called in a transaction for reading only");
  }

  @Test
  void update_notSupported_isPublishedAtOnce() throws Exception {
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              WriteOutcome outcome =
                  in(PROPAGATION_NOT_SUPPORTED).execute(none -> add(accounts, 1, -30).outcome());
              assertThat(outcome).isEqualTo(WriteOutcome.STORED);
              status.setRollbackOnly();
            });

    assertIsEntry(1, 70);
  }

  @Test
  void update_commitFails_isDropped() throws Exception {
    assertThatExceptionOfType(DataIntegrityViolationException.class)
        .isThrownBy(
            () ->
                in(PROPAGATION_REQUIRED)
                    .executeWithoutResult(
                        status -> {
                          add(accounts, 1, -30);
                          client.sql("update account set owner = 99 where id = 1").update();
                        }));

    assertLoaded(1, 100);
  }

  @Test
  void update_participantWantsARollback_isDropped() throws Exception {
    assertThatExceptionOfType(UnexpectedRollbackException.class)
        .isThrownBy(
            () ->
                in(PROPAGATION_REQUIRED)
                    .executeWithoutResult(
                        status -> {
                          add(accounts, 1, -30);
                          in(PROPAGATION_REQUIRED)
                              .executeWithoutResult(TransactionStatus::setRollbackOnly);
                        }));

    assertLoaded(1, 100);
  }

  @Test
  void callbacks_ofTheApplication_readWhatWasWritten() {
    AtomicReference<Account> afterCommit = new AtomicReference<>();
    AtomicReference<WriteOutcome> published = new AtomicReference<>();
    in(PROPAGATION_REQUIRED)
        .executeWithoutResult(
            status -> {
              TransactionSynchronizationManager.registerSynchronization(
                  new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                      afterCommit.set(accounts.get(1L).orElseThrow());
                      accounts.invalidate(2L);
                    }

                    @Override
                    public void afterCompletion(int ending) {
                      published.set(accounts.invalidate(1L));
                    }
                  });
              add(accounts, 1, -30);
            });

    assertThat(afterCommit).hasValue(new Account(1, 70));
    assertThat(published).hasValue(WriteOutcome.DROPPED);
    assertThat(other.read(2L).origin()).isNotEqualTo(Origin.CACHE);
    assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
  }

  @Test
  void builders_ofTheStarter_knowTheTransactions() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                TidemarkAutoConfiguration.class, TidemarkTransactionAutoConfiguration.class))
        .withPropertyValues("tidemark.store=memory", "tidemark.locks=local")
        .run(
            context -> {
              VersionedCache<Long, Account> cache =
                  context
                      .getBean(Tidemark.class)
                      .cache("accounts", Long.class, Account.class)
                      .source(source)
                      .build();
              WriteOutcome outcome =
                  in(PROPAGATION_REQUIRED).execute(status -> add(cache, 1, -30).outcome());
              assertThat(outcome).isEqualTo(WriteOutcome.DEFERRED);
              assertThat(cache.read(1L).value()).hasValue(new Account(1, 70));
            });
  }

  @Test
  void configuration_ofAnApplicationWithTransactions_hasTheBean() {
    new ApplicationContextRunner()
        .withUserConfiguration(TidemarkTransactionAutoConfiguration.class)
        .run(context -> assertThat(context).hasSingleBean(Transactions.class));
    new ApplicationContextRunner()
        .withUserConfiguration(TidemarkTransactionAutoConfiguration.class)
        .withBean(Transactions.class, Transactions::none)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(Transactions.class)
                    .doesNotHaveBean(SpringTransactions.class));
  }
}
