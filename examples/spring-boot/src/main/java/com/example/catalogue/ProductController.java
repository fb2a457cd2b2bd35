package com.example.catalogue;

import static org.springframework.http.HttpStatus.BAD_REQUEST;

import java.math.BigDecimal;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

@RestController
@RequestMapping("/products")
class ProductController {
  private final Catalogue catalogue;

  ProductController(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  @GetMapping
  List<Product> page(@RequestParam(defaultValue = "0") int page) {
    if (page < 0) {
      throw new ResponseStatusException(BAD_REQUEST, "page is " + page + "; it must be 0 or more");
    }
    return catalogue.page(page);
  }

  @GetMapping("/{id}")
  ResponseEntity<Product> product(@PathVariable long id) {
    return ResponseEntity.of(catalogue.product(id));
  }

  @PutMapping("/{id}")
  ResponseEntity<Product> change(@PathVariable long id, @RequestBody Change change) {
    return ResponseEntity.of(catalogue.change(id, change.name(), change.price()));
  }

  record Change(String name, BigDecimal price) {}
}
