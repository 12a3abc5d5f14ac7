"""A cluster of librdkafka's own making that speaks the protocol of Kafka, and a client of it, told what to do by lines of JSON.

The first line printed has the addresses of its brokers; then each line that comes in is answered by one. The cluster keeps everything in
memory and ends with this process. It knows no credentials and no access control lists; errors of those kinds are pushed.
"""

import ctypes
import glob
import json
import os
import sys

import confluent_kafka
from confluent_kafka import Consumer, Producer, TopicPartition

FOLDER = os.path.dirname(confluent_kafka.__file__)
LIBRARY = ctypes.CDLL(glob.glob(os.path.join(FOLDER, "..", "confluent_kafka.libs", "librdkafka*"))[0])
for name in ["conf_new", "new", "mock_cluster_new"]:
    getattr(LIBRARY, f"rd_kafka_{name}").restype = ctypes.c_void_p
LIBRARY.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p


class Cluster:
    def __init__(self, brokers):
        text = ctypes.create_string_buffer(512)
        conf = ctypes.c_void_p(LIBRARY.rd_kafka_conf_new())
        handle = ctypes.c_void_p(LIBRARY.rd_kafka_new(0, conf, text, ctypes.c_size_t(512)))
        self.cluster = ctypes.c_void_p(LIBRARY.rd_kafka_mock_cluster_new(handle, brokers))
        self.addresses = LIBRARY.rd_kafka_mock_cluster_bootstraps(self.cluster).decode()
        # Otherwise the first member of a group waits three seconds for others.
        LIBRARY.rd_kafka_mock_group_initial_rebalance_delay_ms(self.cluster, 100)
        # It names version 3 of LeaveGroup (13) and reads only version 2: who leaves by 3 is believed to be there for a session.
        LIBRARY.rd_kafka_mock_set_apiversion(self.cluster, 13, 0, 2)
        self.common = {"bootstrap.servers": self.addresses, "log_level": 0}
        self.producers = {}

    def topic(self, name, partitions):
        return LIBRARY.rd_kafka_mock_topic_create(self.cluster, name.encode(), partitions, 1)

    def produce(self, topic, messages, codec="none"):
        producer = self.producers.setdefault(codec, Producer({**self.common, "compression.type": codec}))
        failed = []
        for message in messages:
            headers = [("Fairlead-Id", message["id"].encode())] if "id" in message else None
            value = message.get("value")
            key = message.get("key")
            partition = {"partition": message["partition"]} if "partition" in message else {}
            while True:
                try:
                    producer.produce(
                        topic,
                        value=None if value is None else value.encode(),
                        key=None if key is None else key.encode(),
                        headers=headers,
                        on_delivery=lambda error, _: failed.append(str(error)) if error else None,
                        **partition,
                    )
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.flush(30)
        return {"failed": failed}

    def ends(self, topic):
        consumer = Consumer({**self.common, "group.id": "ends"})
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        ends = [consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1] for p in sorted(partitions)]
        consumer.close()
        return ends

    def read(self, topic):
        ends = self.ends(topic)
        consumer = Consumer({**self.common, "group.id": "reader", "enable.partition.eof": False})
        consumer.assign([TopicPartition(topic, p, 0) for p in range(len(ends))])
        found = []
        missing = sum(ends)
        while missing > 0:
            for message in consumer.consume(min(missing, 500), timeout=10):
                if message.error():
                    raise RuntimeError(str(message.error()))
                missing -= 1
                headers = {name: value.decode() for name, value in message.headers() or []}
                key, value = message.key(), message.value()
                found.append(
                    {
                        "id": headers.get("Fairlead-Id"),
                        "code": headers.get("Fairlead-Code"),
                        "reason": headers.get("Fairlead-Reason"),
                        "key": None if key is None else key.decode(),
                        "text": None if value is None else value.decode("utf-8", "replace"),
                        "partition": message.partition(),
                    }
                )
        consumer.close()
        return found

    def committed(self, group, topic):
        consumer = Consumer({**self.common, "group.id": group})
        parts = [TopicPartition(topic, p) for p in range(len(self.ends(topic)))]
        found = [p.offset for p in consumer.committed(parts, timeout=10)]
        consumer.close()
        return found

    def errors(self, api, codes):
        array = (ctypes.c_int * len(codes))(*codes)
        LIBRARY.rd_kafka_mock_push_request_errors_array(self.cluster, ctypes.c_int16(api), len(codes), array)

    def down(self, broker):
        return LIBRARY.rd_kafka_mock_broker_set_down(self.cluster, broker)

    def up(self, broker):
        return LIBRARY.rd_kafka_mock_broker_set_up(self.cluster, broker)


def main():
    cluster = Cluster(int(sys.argv[1]))
    print(json.dumps(cluster.addresses), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"ok": getattr(cluster, asked["do"])(*asked["with"])}
        except Exception as error:  # whatever it is, the test is told
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    os._exit(0)


main()
