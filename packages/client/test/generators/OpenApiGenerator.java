import client.command.api.RecordApi;
import client.command.model.Agreed;
import client.command.model.AgreedData;
import client.command.model.Confirmed;
import client.command.model.ConfirmedData;
import client.command.model.EventBody;
import client.command.model.Form;
import client.command.model.Kind;
import client.command.model.Party;
import client.command.model.Proposed;
import client.command.model.ProposedData;
import client.command.model.Role;
import client.projection.api.HistoryApi;
import client.projection.api.StatusApi;
import client.projection.model.EventItem;
import client.projection.model.EventPage;
import client.projection.model.ProposalStatus;
import client.projection.model.RecordedAgreed;
import client.projection.model.RecordedEvent;
import client.projection.model.RecordedProposed;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Records and reads with the clients that openapi-generator makes of the editions in OpenAPI 3.0. */
public class OpenApiGenerator {
  public static void main(String[] args) throws Exception {
    try {
      recordAndRead(args);
    } catch (client.command.ApiException refused) {
      System.err.println(refused.getResponseBody());
      System.exit(1);
    }
  }

  private static void recordAndRead(String[] args) throws Exception {
    String proposalId = args[2];
    String authorization = "Bearer " + System.getenv("COMMITMENTS_API_KEY");
    var command = new client.command.ApiClient();
    URI commandUrl = URI.create(args[0]);
    command.setScheme(commandUrl.getScheme()).setHost(commandUrl.getHost()).setPort(commandUrl.getPort()).setBasePath("");
    command.setRequestInterceptor(request -> request.header("Authorization", authorization));
    var projection = new client.projection.ApiClient();
    URI projectionUrl = URI.create(args[1]);
    projection.setScheme(projectionUrl.getScheme()).setHost(projectionUrl.getHost()).setPort(projectionUrl.getPort()).setBasePath("");
    projection.setRequestInterceptor(request -> request.header("Authorization", authorization));

    var recording = new RecordApi(command);
    var proposed = new Proposed();
    proposed.data(new ProposedData()
        .title(Map.of("en", "Joint laboratory"))
        .kind(Kind.JOINT_RESEARCH)
        .parties(List.of(
            new Party().party("most-vn").roles(List.of(Role.PROPOSER)),
            new Party().party("msit-kr").roles(List.of(Role.COUNTERPART)))));
    proposed.type(EventBody.TypeEnum.PROPOSED).occurredOn("2024-07").assertedBy("most-vn");
    recording.recordEvent(proposalId, proposed, null, null, null, null, null);

    var agreed = new Agreed();
    agreed.data(new AgreedData().form(Form.MEMORANDUM).parties(List.of("most-vn", "msit-kr")));
    agreed.type(EventBody.TypeEnum.AGREED).occurredOn("2024").assertedBy("most-vn");
    recording.recordEvent(proposalId, agreed, null, null, "\"1\"", null, null);

    var confirmed = new Confirmed();
    confirmed.data(new ConfirmedData().asOf(LocalDate.of(2024, 8, 1)));
    confirmed.type(EventBody.TypeEnum.CONFIRMED).occurredOn("2024-08");
    long atLeast = recording.recordEvent(proposalId, confirmed, null, "\"" + proposalId + "\"", null, null, null).getPosition();

    ProposalStatus status = new StatusApi(projection).getProposal(proposalId, atLeast, null, null, null);
    EventPage history = new HistoryApi(projection).listProposalEvents(proposalId, atLeast, null, null, null);
    String told = history.getEvents().stream().map(EventItem::getEvent).map(OpenApiGenerator::tell).collect(Collectors.joining(", "));
    System.out.println(status.getStage() + " at version " + status.getVersion() + ": " + told);
  }

  private static String tell(RecordedEvent event) {
    if (event instanceof RecordedProposed proposed) return "proposed " + proposed.getData().getKind();
    if (event instanceof RecordedAgreed agreed) return "agreed " + agreed.getData().getForm();
    return event.getType().getValue();
  }
}
