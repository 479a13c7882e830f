package com.fasterxml.jackson.datatype.jsr310;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.function.Function;

/** In the place of jackson-datatype-jsr310, which Debian does not have: dates and times as the text that they are in JSON. */
public class JavaTimeModule extends SimpleModule {
  public JavaTimeModule() {
    addText(LocalDate.class, LocalDate::parse);
    addText(OffsetDateTime.class, OffsetDateTime::parse);
  }

  private <T> void addText(Class<T> type, Function<String, T> parse) {
    addSerializer(type, new ToStringSerializer(type));
    addDeserializer(type, new JsonDeserializer<T>() {
      @Override
      public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        return parse.apply(parser.getText());
      }
    });
  }
}
