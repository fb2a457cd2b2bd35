/** Tidemark's cache, its SPI, the JDBC source, and backends that need no server. */
module io.tidemark.core {
  requires transitive com.fasterxml.jackson.databind;
  requires transitive java.sql;
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.datatype.jdk8;
  requires com.fasterxml.jackson.datatype.jsr310;
  requires org.slf4j;

  exports io.tidemark;
  exports io.tidemark.json;
  exports io.tidemark.key;
  exports io.tidemark.memory;
  exports io.tidemark.jdbc;
  exports io.tidemark.spi;
}
