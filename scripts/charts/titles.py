"""Why a chart is titled so: the words above and below it, all of which come from its claim.

The way of a title, from the lesson to the picture:

1. lessons/LESSON/lesson.json: each chart names its `claim`, and a claim has two sentences, `shown` and `contradicted`,
   with {estimate} in them.
2. benchmarks/runner/judge/analysis.cc judges the claim and takes the sentence that the verdict asks for; FillEstimate
   of benchmarks/runner/format/wording.cc puts the number in. That is `finding` in results/RUN/LESSON.json. For what is
   too noisy here it makes a sentence from `says`.
3. title() below takes the finding; charts.build() hangs it above the chart, and page.Page draws it.
"""

from charts import words


def title(claim):
    """The finding as a chart's or a section's title; where it was too noisy, the title says so."""
    if claim["verdict"] == "too noisy here" and "too noisy" not in claim["finding"].lower():
        return f"Too noisy here: {claim['finding']}"
    return claim["finding"]


def warning(claim):
    """What stands in red below the title, or ""."""
    if claim["timing"] and not claim["trusted"]:
        return "Untrusted: the control, the fast variant run twice, differs from itself here."
    return ""


def detail(claim, lesson):
    """What stands below the chart: the estimate with its interval, what the control tells, and whether blocks lack."""
    sentences = [claim["detail"]]
    control = lesson.results["control"]
    if claim["timing"] and control is not None:
        sentences.append(control["words"])
    if lesson.status != "complete":
        sentences.append(f"The lesson's run is {lesson.status}: {lesson.blocks} blocks.")
    return " ".join(words.sentence(text) for text in sentences if text)
