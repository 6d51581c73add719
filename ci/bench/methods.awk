# The lines of tests/stat/methods, "METHOD QUESTION TRACES VERDICTS FAIL FOUND TRACES-FAIL
# TRACES-MISSED", to a table with a row for each method; for ci/bench/verdict.

BEGIN {
    title["plain"] = "the threshold alone"
    title["welch"] = "Welch, unpaired"
    title["student"] = "Student, jackknife"
    title["swap"] = "label swap"
    title["larger"] = "the larger p of these two"
    title["starts"] = "... and what starts differ by"
    title["trimmed"] = "trimmed log ratios, Yuen"
    title["bootstrap"] = "bootstrap error, normal"
    title["ships"] = "what ships"
    column("same", 5, "identical sides fail, labels swapped")
    column("recorded-same", 5, "identical sides fail, as recorded")
    column("recorded-slow5", 5, "recorded +5 % fails")
    column("slow15", 6, "+15 % found")
    column("one50", 6, "+50 % on one endpoint found and named")
    column("slow5at2", 6, "+5 % found at 1.02")
    column("recorded-slow15", 6, "recorded +15 % found")
    column("recorded-one50", 6, "recorded +50 % on one found and named")
    column("recorded-pause", 6, "recorded pause of 300 ms every 5 s found")
}

function column(question, field, text)
{
    columns[++n] = question
    counted[question] = field
    head[question] = text
}

!($1 in known) {
    known[$1]
    methods[++m] = $1
}

{
    cell[$1, $2] = sprintf("%.2f %%; %d of %d", 100 * $counted[$2] / $4,
        counted[$2] == 5 ? $7 : $3 - $8, $3)
    asked[$2]
}

END {
    line = "| method |"
    rule = "|---|"
    for (i = 1; i <= n; i++)
        if (columns[i] in asked) {
            line = line " " head[columns[i]] " |"
            rule = rule "---|"
        }
    print line "\n" rule
    for (j = 1; j <= m; j++) {
        line = "| " title[methods[j]] " |"
        for (i = 1; i <= n; i++)
            if (columns[i] in asked)
                line = line " " cell[methods[j], columns[i]] " |"
        print line
    }
}
