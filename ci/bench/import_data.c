/*
 * ci/bench/import_data.c: what ci/bench/import reads, on standard output.
 *
 *     import_data jtl ROWS        JMeter's results, CSV with the columns that it writes by default
 *     import_data k6 BYTES        k6 --out json, nine samples of each request
 *
 * Fifty names, one request in a hundred failed, times that are log-uniform; a fixed seed.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS INT64_C(1700000000000)
#define NAMES    50

static uint64_t state = 88172645463325252;

/* xorshift64 (Marsaglia 2003). */
static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

static void jtl(long rows)
{
    printf("timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
           "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n");
    for (long i = 0; i < rows; i++) {
        int name = (int)(uniform() * NAMES), elapsed = (int)(exp(uniform() * 7.6));
        int failed = uniform() < 0.01;
        printf("%lld,%d,GET /page-%02d,%s,%s,Thread Group 1-%d,text,%s,,%d,%d,50,50,"
               "http://shop.example/page-%02d,%d,0,%d\n",
               (long long)(START_MS + i / 3), elapsed, name, failed ? "503" : "200",
               failed ? "Service Unavailable" : "OK", (int)(i % 50) + 1, failed ? "false" : "true",
               1000 + (int)(uniform() * 9000), 120 + name, name, elapsed, i % 50 ? 0 : 1);
    }
}

/* The samples of a request, in the order of k6's json output. */
static const char *const metrics[] = {
    "http_reqs",           "http_req_duration",        "http_req_blocked",
    "http_req_connecting", "http_req_tls_handshaking", "http_req_sending",
    "http_req_waiting",    "http_req_receiving",       "http_req_failed"};
#define METRICS (sizeof metrics / sizeof metrics[0])

static void k6(long long bytes)
{
    long long written = 0;
    for (size_t m = 0; m < METRICS; m++)
        written += printf("{\"type\":\"Metric\",\"data\":{\"name\":\"%s\",\"type\":\"trend\","
                          "\"contains\":\"time\",\"thresholds\":[],\"submetrics\":null},"
                          "\"metric\":\"%s\"}\n",
                          metrics[m], metrics[m]);
    for (long i = 0; written < bytes; i++) {
        int name = (int)(uniform() * NAMES), failed = uniform() < 0.01;
        double value = exp(uniform() * 7.6);
        for (size_t m = 0; m < METRICS; m++)
            written += printf(
                "{\"metric\":\"%s\",\"type\":\"Point\",\"data\":{\"time\":\"2023-11-14T22:%02ld:"
                "%02ld.%09ld+01:00\",\"value\":%.6f,\"tags\":{\"expected_response\":\"%s\","
                "\"group\":\"\",\"method\":\"GET\",\"name\":\"http://shop.example/page-%02d\","
                "\"proto\":\"HTTP/1.1\",\"scenario\":\"default\",\"status\":\"%s\","
                "\"url\":\"http://shop.example/page-%02d\"}}}\n",
                metrics[m], i / 60000 % 60, i / 1000 % 60, i % 1000 * 1000000 + 4711,
                m == 1 ? value : value / 10, failed ? "false" : "true", name,
                failed ? "503" : "200", name);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "jtl") == 0)
        jtl(atol(argv[2]));
    else if (argc == 3 && strcmp(argv[1], "k6") == 0)
        k6(atoll(argv[2]));
    else
        return 2;
    return ferror(stdout) || fflush(stdout) != 0;
}
