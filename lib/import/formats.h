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

#endif
