import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A receiver of webhooks, as one file with the JDK alone: Java 17 or later.
 *
 * <pre>WEBHOOK_SECRET=whsec_… PORT=8090 java Receiver.java</pre>
 */
public class Receiver {
  static final byte[] SECRET = secretOf(System.getenv().getOrDefault("WEBHOOK_SECRET", ""));
  /** Seconds by which the time of a message may differ from ours. */
  static final long TOLERANCE = 300;
  static final int BODY_LIMIT = 128 * 1024;

  /** In production: a unique column in your database, in the transaction that stores the message. */
  static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8090"));
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", Receiver::receive);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
    System.out.println("ready");
  }

  /** The key of the signatures. With an empty or a short one, anybody could sign. */
  static byte[] secretOf(String text) {
    if (text.matches("whsec_[A-Za-z0-9+/]+={0,2}")) {
      try {
        byte[] secret = Base64.getDecoder().decode(text.substring("whsec_".length()));
        if (secret.length >= 24) return secret;
      } catch (IllegalArgumentException incomplete) {
        // It is refused as one that is too short.
      }
    }
    System.err.println("WEBHOOK_SECRET must be the secret of the endpoint: whsec_ and at least 24 bytes in base64.");
    System.exit(1);
    throw new IllegalStateException();
  }

  static void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(statusOf(exchange), -1);
    }
  }

  static int statusOf(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(BODY_LIMIT + 1);
    if (body.length > BODY_LIMIT) return 413;
    String id = header(exchange, "webhook-id");
    if (!isGenuine(id, header(exchange, "webhook-timestamp"), header(exchange, "webhook-signature"), body)) return 401;
    if (!KNOWN.contains(id)) {
      store(id, new String(body, StandardCharsets.UTF_8));
      KNOWN.add(id);
    }
    return 204;
  }

  static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  /** Whether the message comes from who knows the secret, and was signed just now. The body is as it came, byte for byte. */
  static boolean isGenuine(String id, String timestamp, String signatures, byte[] body) {
    if (!timestamp.matches("\\d{1,12}")) return false;
    if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE) return false;
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.US_ASCII);
      for (String one : signatures.split(" ")) {
        if (MessageDigest.isEqual(one.getBytes(StandardCharsets.US_ASCII), expected)) return true;
      }
      return false;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Store it, and do what takes time later: the next event is sent when this one was answered. */
  static void store(String id, String event) {
    System.out.println(id + " " + event.length());
  }
}
