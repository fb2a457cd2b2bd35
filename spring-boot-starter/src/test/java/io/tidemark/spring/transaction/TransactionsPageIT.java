package io.tidemark.spring.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
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
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.PersistenceContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.hibernate.cfg.AvailableSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.hibernate.SpringBeanContainer;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** What docs/transactions.md shows is what stands here and beside it, and it works. */
class TransactionsPageIT {
  private static final Path PAGE = Path.of("..", "docs", "transactions.md");
  private static final Path HERE =
      Path.of("src", "test", "java", "io", "tidemark", "spring", "transaction");

  private static AnnotationConfigApplicationContext context;
  private static JdbcClient jdbc;
  private static Shop shop;
  private static JpaShop jpaShop;
  private static TransactionTemplate transactions;
  private static VersionedCache<Long, Product> products;
  private static VersionedCache<Long, Account> accounts;
  private static VersionedCache<Long, String> notes;

  @Configuration
  @EnableTransactionManagement
  @Import({TidemarkTransactionAutoConfiguration.class, Shop.class, JpaShop.class})
  static class Application {
    private final InMemoryStore store = InMemoryStore.create();
    private final LocalLocks locks = LocalLocks.create();

    @Bean
    Database database() {
      return new Database();
    }

    @Bean
    DataSource dataSource(Database database) {
      DataSource pool = database.pool();
      JdbcClient client = JdbcClient.create(pool);
      client
          .sql(
              """
              create table product (id bigint primary key, name text, price int not null,
                version bigint not null default 0);
              create table account (id bigint primary key, balance int not null,
                updated_at timestamptz not null default clock_timestamp());
              create table note (id bigint primary key, text text,
                updated_at timestamptz not null default clock_timestamp());
              """)
          .update();
      client.sql(PostgresVersions.triggerSql("account", "updated_at")).update();
      client.sql(PostgresVersions.triggerSql("note", "updated_at")).update();
      return pool;
    }

    @Bean
    JdbcClient jdbcClient(DataSource dataSource) {
      return JdbcClient.create(dataSource);
    }

    @Bean
    LocalContainerEntityManagerFactoryBean entityManagerFactory(
        DataSource dataSource, ConfigurableListableBeanFactory beans) {
      LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
      factory.setDataSource(dataSource);
      factory.setPackagesToScan("io.tidemark.spring.transaction");
      factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
      factory.setJpaPropertyMap(
          Map.of(AvailableSettings.BEAN_CONTAINER, new SpringBeanContainer(beans)));
      return factory;
    }

    @Bean
    PlatformTransactionManager transactionManager(EntityManagerFactory entityManagerFactory) {
      return new JpaTransactionManager(entityManagerFactory);
    }

    @Bean
    JdbcSource<Long, Product> productSource(DataSource dataSource) {
      return JdbcSource.<Long, Product>builder(dataSource)
          .query("select * from product where id = ?")
          .rowMapper(
              row -> new Product(row.getLong("id"), row.getString("name"), row.getInt("price")))
          .versionNumber("version")
          .build();
    }

    @Bean
    JdbcSource<Long, Account> accountSource(DataSource dataSource) {
      return JdbcSource.<Long, Account>builder(dataSource)
          .query("select * from account where id = ?")
          .rowMapper(row -> new Account(row.getLong("id"), row.getInt("balance")))
          .versionTimestamp("updated_at")
          .build();
    }

    @Bean
    VersionedCache<Long, Product> products(
        JdbcSource<Long, Product> productSource, Transactions transactions) {
      return VersionedCache.<Long, Product>builder("products")
          .source(productSource)
          .store(store)
          .locks(locks)
          .codec(JsonCodec.of(Product.class))
          .transactions(transactions)
          .build();
    }

    @Bean
    VersionedCache<Long, Account> accounts(
        JdbcSource<Long, Account> accountSource, Transactions transactions) {
      return VersionedCache.<Long, Account>builder("accounts")
          .source(accountSource)
          .store(store)
          .locks(locks)
          .codec(JsonCodec.of(Account.class))
          .transactions(transactions)
          .build();
    }

    @Bean
    VersionedCache<Long, String> notes(DataSource dataSource, Transactions transactions) {
      return VersionedCache.<Long, String>builder("notes")
          .source(
              JdbcSource.<Long, String>builder(dataSource)
                  .query("select * from note where id = ?")
                  .rowMapper(row -> row.getString("text"))
                  .versionTimestamp("updated_at")
                  .build())
          .store(store)
          .locks(locks)
          .codec(JsonCodec.of(String.class))
          .transactions(transactions)
          .build();
    }
  }

  /** Writes by SQL. */
  static class Shop {
    private final JdbcClient jdbc;
    private final JdbcSource<Long, Account> accountSource;
    private final JdbcSource<Long, Product> productSource;
    private final VersionedCache<Long, Account> accounts;
    private final VersionedCache<Long, Product> products;

    Shop(
        JdbcClient jdbc,
        JdbcSource<Long, Account> accountSource,
        JdbcSource<Long, Product> productSource,
        VersionedCache<Long, Account> accounts,
        VersionedCache<Long, Product> products) {
      this.jdbc = jdbc;
      this.accountSource = accountSource;
      this.productSource = productSource;
      this.accounts = accounts;
      this.products = products;
    }

    Row<Account> add(long id, int amount) {
      return jdbc.sql("update account set balance = balance + ? where id = ? returning *")
          .params(amount, id)
          .query((row, n) -> accountSource.row(row))
          .single();
    }

    WriteResult<Account> deposit(long id, int amount) {
      return accounts.update(id, () -> add(id, amount));
    }

    @Transactional
    public void move(long from, long to, int amount) {
      long first = Math.min(from, to);
      long second = Math.max(from, to);
      accounts.update(first, () -> add(first, first == from ? -amount : amount));
      accounts.update(second, () -> add(second, second == from ? -amount : amount));
      if (balance(from) < 0) {
        throw new IllegalStateException("no overdraft");
      }
    }

    int balance(long id) {
      return jdbc.sql("select balance from account where id = ?")
          .param(id)
          .query(Integer.class)
          .single();
    }

    @Transactional
    public void buy(long account, long product) {
      Product bought = products.get(product).orElseThrow();
      accounts.update(account, () -> add(account, -bought.price()));
      products.update(product, () -> raisePrice(product));
    }

    Row<Product> raisePrice(long id) {
      return jdbc.sql(
              "update product set price = price + 1, version = version + 1 where id = ? returning *")
          .param(id)
          .query((row, n) -> productSource.row(row))
          .single();
    }

    @Transactional
    public int payInterest(int atLeast) {
      List<Row<Account>> paid =
          jdbc.sql("update account set balance = balance + 1 where balance >= ? returning *")
              .param(atLeast)
              .query((row, n) -> accountSource.row(row))
              .list();
      paid.forEach(row -> publish(row));
      return paid.size();
    }

    private void publish(Row<Account> row) {
      if (row instanceof Row.Present<Account> present) {
        accounts.publish(present.value().id(), row);
      }
    }

    @Transactional
    public void closeYear() {
      jdbc.sql("update account set balance = 0").update();
      accounts.clear();
    }
  }

  /** Writes by Hibernate. */
  static class JpaShop {
    @SuppressWarnings("NullAway.Init") // Spring sets it.
    @PersistenceContext
    private EntityManager entities;

    private final VersionedCache<Long, Product> products;
    private final VersionedCache<Long, String> notes;

    JpaShop(VersionedCache<Long, Product> products, VersionedCache<Long, String> notes) {
      this.products = products;
      this.notes = notes;
    }

    @Transactional
    public WriteResult<Product> rename(long id, String name) {
      return products.update(
          id,
          () -> {
            ProductEntity product = entities.find(ProductEntity.class, id);
            product.name = name;
            entities.flush();
            return Row.present(
                new Product(product.id, product.name, product.price), product.version);
          });
    }

    @Transactional
    public void rewrite(long id, String text) {
      notes.update(
          id,
          () -> {
            NoteEntity note = entities.find(NoteEntity.class, id);
            note.text = text;
            entities.flush();
            return Row.present(note.text, ChronoUnit.MICROS.between(Instant.EPOCH, note.updatedAt));
          });
    }

    @Transactional
    public void reprice(long id, int price) {
      entities.find(ProductEntity.class, id).price = price;
    }

    @Transactional
    public void renameAndReprice(long id, String name, int price) {
      rename(id, name);
      reprice(id, price);
    }

    @Transactional
    public void renameTooLate(long id, String name) {
      ProductEntity mine = entities.find(ProductEntity.class, id);
      entities
          .createNativeQuery("update product set version = version + 1 where id = " + id)
          .executeUpdate();
      products.update(
          id,
          () -> {
            mine.name = name;
            entities.flush();
            return Row.present(new Product(mine.id, mine.name, mine.price), mine.version);
          });
    }
  }

  @BeforeAll
  static void start() {
    context = new AnnotationConfigApplicationContext(Application.class);
    jdbc = context.getBean(JdbcClient.class);
    shop = context.getBean(Shop.class);
    jpaShop = context.getBean(JpaShop.class);
    transactions = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    products = cache("products");
    accounts = cache("accounts");
    notes = cache("notes");
  }

  @SuppressWarnings("unchecked")
  private static <V> VersionedCache<Long, V> cache(String name) {
    return context.getBean(name, VersionedCache.class);
  }

  @AfterAll
  static void stop() {
    context.close();
  }

  @BeforeEach
  void fill() {
    jdbc.sql("truncate product, account, note").update();
    jdbc.sql(
            """
            insert into product (id, name, price) values (1, 'Laptop', 50);
            insert into account (id, balance) values (1, 100), (2, 100);
            insert into note (id, text) values (1, 'old');
            """)
        .update();
    for (VersionedCache<Long, ?> cache : List.of(products, accounts, notes)) {
      cache.clear();
      cache.get(1L);
      cache.get(2L);
    }
  }

  private static <V> void assertIsEntry(VersionedCache<Long, V> cache, V value) {
    ReadResult<V> read = cache.read(1L);
    assertThat(read.value()).hasValue(value);
    assertThat(read.origin()).isEqualTo(Origin.CACHE);
    ReadResult<V> inTheSource = cache.refresh(1L);
    assertThat(inTheSource.value()).hasValue(value);
    assertThat(inTheSource.version()).isEqualTo(read.version());
  }

  private static <V> void assertIsLoaded(VersionedCache<Long, V> cache, V value) {
    assertThat(cache.read(1L).origin()).isNotEqualTo(Origin.CACHE);
    assertIsEntry(cache, value);
  }

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String tests =
        unindented(
            Files.readString(HERE.resolve("TransactionsPageIT.java"), UTF_8)
                + Files.readString(HERE.resolve("ProductListener.java"), UTF_8)
                + Files.readString(HERE.resolve("NoteEntity.java"), UTF_8));

    assertThat(
            Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE, UTF_8))
                .results()
                .map(MatchResult::group))
        .hasSizeGreaterThan(5)
        .allSatisfy(
            code ->
                assertThat(tests)
                    .contains(unindented(code.replace("```java\n", "").replace("```", ""))));
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  @Test
  void update_withoutATransaction_isPublishedAtOnce() {
    assertThat(shop.deposit(1, 5).outcome()).isEqualTo(WriteOutcome.STORED);

    assertIsEntry(accounts, new Account(1, 105));
  }

  @Test
  void move_commits_publishesBothRows() {
    shop.move(2, 1, 30);

    assertIsEntry(accounts, new Account(1, 130));
    assertThat(accounts.get(2L)).hasValue(new Account(2, 70));
  }

  /** Seen: the rows of a transaction that was rolled back were served for their time to live. */
  @Test
  void move_throws_servesNothingOfIt() {
    assertThatThrownBy(() -> shop.move(1, 2, 130)).hasMessage("no overdraft");

    assertIsLoaded(accounts, new Account(1, 100));
    assertThat(accounts.get(2L)).hasValue(new Account(2, 100));
  }

  @Test
  void buy_writesTwoCaches_publishesBoth() {
    shop.buy(1, 1);

    assertIsEntry(accounts, new Account(1, 50));
    assertIsEntry(products, new Product(1, "Laptop", 51));
  }

  @Test
  void template_readsWhatItHasWritten_isTold() {
    transactions.executeWithoutResult(
        status -> {
          Row<Account> row = accounts.update(1L, () -> shop.add(1, 5)).row();
          assertThat(row).isInstanceOf(Row.Present.class);
          assertThatExceptionOfType(UnsafeInTransactionException.class)
              .isThrownBy(() -> accounts.get(1L))
              .withMessageContaining("use the row that the update returned");
        });

    assertIsEntry(accounts, new Account(1, 105));
  }

  @Test
  void payInterest_someRows_publishesEach() {
    assertThat(shop.payInterest(100)).isEqualTo(2);

    assertIsEntry(accounts, new Account(1, 101));
  }

  @Test
  void closeYear_allRows_clearsTheCache() {
    shop.closeYear();

    assertIsLoaded(accounts, new Account(1, 0));
  }

  @Test
  void rename_entityIsFlushed_publishesItsVersion() {
    WriteResult<Product> renamed = jpaShop.rename(1, "Phone");

    assertThat(renamed.row()).isEqualTo(Row.present(new Product(1, "Phone", 50), 1));
    assertIsEntry(products, new Product(1, "Phone", 50));
  }

  @Test
  void rename_transactionIsRolledBack_servesNothingOfIt() {
    transactions.executeWithoutResult(
        status -> {
          jpaShop.rename(1, "Phone");
          status.setRollbackOnly();
        });

    assertIsLoaded(products, new Product(1, "Laptop", 50));
  }

  @Test
  void rewrite_versionOfTheDatabase_isThatOfTheTrigger() {
    jpaShop.rewrite(1, "new");

    assertIsEntry(notes, "new");
  }

  @Test
  void reprice_pastTheCache_isToldByTheListener() {
    jpaShop.reprice(1, 60);

    assertIsLoaded(products, new Product(1, "Laptop", 60));
  }

  /** Hibernate writes the second change when the transaction commits, under another version. */
  @Test
  void rename_entityChangesAgainAfterTheUpdate_isNotPublished() {
    jpaShop.renameAndReprice(1, "Phone", 60);

    assertIsLoaded(products, new Product(1, "Phone", 60));
  }

  @Test
  void rename_somebodyWasFaster_isDropped() {
    assertThatExceptionOfType(OptimisticLockException.class)
        .isThrownBy(() -> jpaShop.renameTooLate(1, "Phone"));

    assertIsLoaded(products, new Product(1, "Laptop", 50));
  }
}
