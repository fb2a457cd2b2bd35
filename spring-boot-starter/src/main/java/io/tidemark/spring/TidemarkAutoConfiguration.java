package io.tidemark.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;

/** Auto-configuration of Tidemark. */
@AutoConfiguration
public class TidemarkAutoConfiguration {}
