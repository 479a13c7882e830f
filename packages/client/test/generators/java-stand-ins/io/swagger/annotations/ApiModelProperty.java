package io.swagger.annotations;
/** In the place of swagger-annotations 1.5, which Debian does not have; nothing reads it here. */
public @interface ApiModelProperty { String value() default ""; boolean required() default false; String example() default ""; }
