/* The recognisers and readers of each format, for the table in import.c; see import.h. */
#ifndef PERFGATE_IMPORT_FORMATS_H
#define PERFGATE_IMPORT_FORMATS_H

#include "import/import.h"

bool jtl_csv_recognise(struct span head);
int jtl_csv_read(const struct import_file *file, struct report *report, struct err *err);

bool jtl_xml_recognise(struct span head);
int jtl_xml_read(const struct import_file *file, struct report *report, struct err *err);

bool gatling_text_recognise(struct span head);
int gatling_text_read(const struct import_file *file, struct report *report, struct err *err);

bool gatling_binary_recognise(struct span head);
int gatling_binary_read(const struct import_file *file, struct report *report, struct err *err);

bool gatling_stats_recognise(struct span head);
int gatling_stats_read(const struct import_file *file, struct report *report, struct err *err);

bool k6_csv_recognise(struct span head);
int k6_csv_read(const struct import_file *file, struct report *report, struct err *err);

bool k6_summary_recognise(struct span head);
int k6_summary_read(const struct import_file *file, struct report *report, struct err *err);

bool locust_json_recognise(struct span head);
int locust_json_read(const struct import_file *file, struct report *report, struct err *err);

bool k6_json_recognise(struct span head);
int k6_json_read(const struct import_file *file, struct report *report, struct err *err);

bool jmeter_statistics_recognise(struct span head);
int jmeter_statistics_read(const struct import_file *file, struct report *report, struct err *err);

bool locust_csv_recognise(struct span head);
int locust_csv_read(const struct import_file *file, struct report *report, struct err *err);

bool wrk_recognise(struct span head);
bool wrk2_recognise(struct span head);
int wrk_read(const struct import_file *file, struct report *report, struct err *err);

bool ab_recognise(struct span head);
int ab_read(const struct import_file *file, struct report *report, struct err *err);

bool ab_files_recognise(struct span head);
int ab_files_read(const struct import_file *file, struct report *report, struct err *err);

bool hey_recognise(struct span head);
int hey_read(const struct import_file *file, struct report *report, struct err *err);

bool hey_csv_recognise(struct span head);
int hey_csv_read(const struct import_file *file, struct report *report, struct err *err);

bool h2load_recognise(struct span head);
int h2load_read(const struct import_file *file, struct report *report, struct err *err);

bool h2load_log_recognise(struct span head);
int h2load_log_read(const struct import_file *file, struct report *report, struct err *err);

bool h2load_json_recognise(struct span head);
int h2load_json_read(const struct import_file *file, struct report *report, struct err *err);

bool vegeta_recognise(struct span head);
int vegeta_read(const struct import_file *file, struct report *report, struct err *err);

bool vegeta_csv_recognise(struct span head);
int vegeta_csv_read(const struct import_file *file, struct report *report, struct err *err);

bool vegeta_json_recognise(struct span head);
int vegeta_json_read(const struct import_file *file, struct report *report, struct err *err);

bool oha_csv_recognise(struct span head);
int oha_csv_read(const struct import_file *file, struct report *report, struct err *err);

bool oha_recognise(struct span head);
int oha_read(const struct import_file *file, struct report *report, struct err *err);

bool autocannon_recognise(struct span head);
int autocannon_read(const struct import_file *file, struct report *report, struct err *err);

bool artillery_recognise(struct span head);
bool artillery1_recognise(struct span head);
int artillery_read(const struct import_file *file, struct report *report, struct err *err);
int artillery1_read(const struct import_file *file, struct report *report, struct err *err);

bool fortio_recognise(struct span head);
int fortio_read(const struct import_file *file, struct report *report, struct err *err);

bool nighthawk_recognise(struct span head);
int nighthawk_read(const struct import_file *file, struct report *report, struct err *err);

#endif
