import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Prints src/lab/config/names.txt: name, type, default and what is valid of every config of the Kafka on the class path.
 * java -cp "target/recorder/classes:JARS" ConfigTable
 */
public class ConfigTable {
    public static void main(String[] args) throws Exception {
        System.out.println("# Every config of Apache Kafka 4.3.1, as its ConfigDefs have them: name, type, default, what is valid.");
        System.out.println("# Printed by recorder/agent/ConfigTable.java; `!` has no default, `ci` ignores case, without a last column any value is taken.");
        System.out.println();
        print("producer", held(ProducerConfig.class));
        print("consumer", held(ConsumerConfig.class));
        print("broker", held(AbstractKafkaConfig.class));
        print("topic", LogConfig.configDefCopy());
    }

    private static ConfigDef held(Class<?> type) throws Exception {
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigDef.class) {
                field.setAccessible(true);
                return (ConfigDef) field.get(null);
            }
        }
        throw new IllegalStateException(type + " has no ConfigDef");
    }

    private static void print(String section, ConfigDef def) {
        System.out.println("[" + section + "]");
        for (String name : new TreeSet<>(def.names())) {
            ConfigDef.ConfigKey key = def.configKeys().get(name);
            String type = key.type == ConfigDef.Type.BOOLEAN ? "bool" : key.type.toString().toLowerCase();
            String line = String.join("\t", name, type, usual(key.defaultValue), valid(key));
            System.out.println(line.stripTrailing());
        }
    }

    private static String usual(Object value) {
        if (value == ConfigDef.NO_DEFAULT_VALUE) {
            return "!";
        }
        if (value instanceof List) {
            return ((List<?>) value).stream().map(ConfigTable::usual).collect(Collectors.joining(","));
        }
        return value instanceof Class ? ((Class<?>) value).getName() : String.valueOf(value);
    }

    private static String valid(ConfigDef.ConfigKey key) {
        String text = key.validator == null ? "" : key.validator.toString();
        // These say what they take in a sentence of their own.
        if (key.name.equals("auto.offset.reset") || key.name.endsWith("throttled.replicas") || text.equals("non-null string")) {
            return "";
        }
        if (text.startsWith("non-empty")) {
            return "non-empty";
        }
        String inside = text.replaceAll("^.*\\[|\\].*$", "");
        if (inside.contains(",...,")) {
            return inside.replace(",...,", " .. ") + (text.endsWith(" or -1") ? " or -1" : "");
        }
        if (inside.endsWith(",...")) {
            return ">= " + inside.replace(",...", "");
        }
        return inside.isEmpty() ? "" : (text.startsWith("(case insensitive)") ? "ci " : "in ") + inside;
    }
}
