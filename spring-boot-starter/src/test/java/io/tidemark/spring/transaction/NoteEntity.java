package io.tidemark.spring.transaction;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Generated;
import org.hibernate.generator.EventType;

/** An entity whose version the database gives, by a trigger. */
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields.
@Entity
@Table(name = "note")
class NoteEntity {
  @Id long id;
  String text;

  @Generated(event = {EventType.INSERT, EventType.UPDATE})
  @Column(name = "updated_at", insertable = false, updatable = false)
  Instant updatedAt;

  protected NoteEntity() {}

  NoteEntity(long id, String text) {
    this.id = id;
    this.text = text;
  }
}
