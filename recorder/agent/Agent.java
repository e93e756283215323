import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One process of a recording: a producer, a consumer, or the recorder's own tool.
 *
 * <p>A line on stdin is a command, {@code {"id": 7, "do": "flush"}}. A line on stdout is the reply to one
 * ({@code {"id": 7, "result": null}} or {@code {"id": 7, "error": "TimeoutException", "message": "..."}}), or an
 * event, which has no id. Commands run one after the other on one thread, as an application would make its calls;
 * only those registered as urgent run at once.
 */
public final class Agent {
    /** What a command does with its arguments; what it returns is its result. */
    interface Command {
        Object run(JsonNode args) throws Exception;
    }

    /** What was commanded before stdin ended is still done, if it does not take longer. */
    private static final long FINISH_MS = 5000;

    private final Map<String, Command> calls = new HashMap<>();
    private final Map<String, Command> urgent = new HashMap<>();

    void on(String name, Command command) {
        calls.put(name, command);
    }

    void atOnce(String name, Command command) {
        urgent.put(name, command);
    }

    public static void main(String[] args) throws Exception {
        System.setOut(System.err); // replies and events have stdout for themselves
        Agent agent = new Agent();
        new ProducerCalls(agent);
        new ConsumerCalls(agent);
        new AdminCalls(agent);
        new MetadataLog(agent);
        new Segments(agent);
        agent.serve();
    }

    /** Until stdin ends, which is when the recorder has no more use for this process. */
    private void serve() throws Exception {
        LinkedBlockingQueue<JsonNode> queue = new LinkedBlockingQueue<>();
        Thread application = new Thread(() -> {
            while (true) {
                try {
                    JsonNode next = queue.take();
                    if (next.isNull()) return;
                    answer(calls, next);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }, "application");
        application.setDaemon(true);
        application.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode command = Wire.JSON.readTree(line);
            if (urgent.containsKey(command.path("do").asText())) answer(urgent, command);
            else queue.add(command);
        }
        queue.add(Wire.JSON.nullNode());
        application.join(FINISH_MS);
        Runtime.getRuntime().halt(0);
    }

    private static void answer(Map<String, Command> known, JsonNode command) {
        ObjectNode reply = Wire.JSON.createObjectNode().put("id", command.path("id").asLong());
        try {
            Command call = known.get(command.path("do").asText());
            if (call == null) throw new IllegalArgumentException("no such command: " + command);
            reply.set("result", Wire.JSON.valueToTree(call.run(command)));
        } catch (Throwable t) {
            Wire.describe(reply, t);
        }
        Wire.write(reply);
    }
}
