import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Reads a partition's segment files with Kafka's own classes, as DumpLogSegments does. */
final class Segments {
    Segments(Agent agent) {
        agent.on("dump", Segments::dump);
    }

    /** null: there is no such log. A file may end in what is no batch: its new length reached the disk, its data did not. */
    private static Object dump(JsonNode args) throws Exception {
        File[] segments = new File(args.path("dir").asText()).listFiles((dir, name) -> name.endsWith(".log"));
        if (segments == null) return null;
        Arrays.sort(segments);
        ObjectNode log = Wire.JSON.createObjectNode();
        ArrayNode records = log.putArray("records");
        long torn = 0;
        for (File segment : segments) torn += read(segment, records);
        return log.put("torn_bytes", torn);
    }

    private static long read(File segment, ArrayNode records) throws Exception {
        long whole = 0;
        FileRecords file = FileRecords.open(segment, false);
        try {
            for (RecordBatch batch : file.batches()) {
                batch.ensureValid();
                for (Record record : batch) records.add(row(batch, record));
                whole += batch.sizeInBytes();
            }
            return 0;
        } catch (CorruptRecordException e) {
            return segment.length() - whole;
        } finally {
            file.closeHandlers(); // close() would write, which a failed disk does not let it
        }
    }

    private static ObjectNode row(RecordBatch batch, Record record) {
        ObjectNode row = Wire.JSON.createObjectNode().put("offset", record.offset()).put("epoch", batch.partitionLeaderEpoch());
        if (batch.isControlBatch()) {
            row.put("control", ControlRecordType.parse(record.key()).name().toLowerCase());
        } else {
            if (record.hasKey()) row.put("key", text(record.key()));
            row.put("value", record.hasValue() ? Wire.bare(text(record.value())) : null);
        }
        if (batch.hasProducerId()) {
            row.put("producer_id", batch.producerId()).put("producer_epoch", batch.producerEpoch()).put("sequence", record.sequence());
        }
        if (batch.isTransactional()) row.put("transactional", true);
        return row;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
