#include "benchmarks/runner/format/conditions.h"

#include <vector>

#include "absl/strings/str_format.h"

namespace heapwise::runner {

void CheckFormat(const JsonField& root) {
  const JsonField format = root["format"];
  if (format.Integer() != kFormat) {
    format.Refuse(absl::StrFormat("is not %d, the only format this program reads", kFormat));
  }
}

Json LoadsToJson(const std::array<double, 3>& loads) { return Json(loads); }

std::array<double, 3> ParseLoads(const JsonField& field) {
  std::array<double, 3> loads = {};
  const std::vector<JsonField> elements = field.Array(loads.size());
  if (elements.size() != loads.size()) {
    field.Refuse("must have 3 elements");
    return loads;
  }
  for (size_t i = 0; i < loads.size(); ++i) loads[i] = elements[i].Number();
  return loads;
}

MachineFacts ParseMachine(const JsonField& field) {
  field.OnlyKeys({"cpu", "cores", "memory_bytes", "kernel", "governor"});
  MachineFacts machine;
  machine.cpu = field["cpu"].String();
  machine.cores = field["cores"].Int(1);
  machine.memory_bytes = field["memory_bytes"].Integer();
  machine.kernel = field["kernel"].String();
  machine.governor = field["governor"].String();
  return machine;
}

BuildFacts ParseBuild(const JsonField& field) {
  field.OnlyKeys({"compiler", "build_type", "flags", "commit", "dirty", "benchmark", "bdwgc"});
  BuildFacts build;
  build.compiler = field["compiler"].String();
  if (const auto build_type = field.Find("build_type")) build.build_type = build_type->String();
  build.flags = field["flags"].String();
  build.commit = field["commit"].String();
  if (const JsonField dirty = field["dirty"]; !dirty.IsNull()) build.dirty = dirty.Bool();
  build.benchmark = field["benchmark"].String();
  build.bdwgc = field["bdwgc"].String();
  return build;
}

std::string Timestamp(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

Json MachineToJson(const MachineFacts& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_bytes", machine.memory_bytes},
          {"kernel", machine.kernel},
          {"governor", machine.governor}};
}

Json BuildToJson(const BuildFacts& build) {
  Json json = {{"compiler", build.compiler}};
  if (!build.build_type.empty()) json["build_type"] = build.build_type;
  json.update({{"flags", build.flags},
               {"commit", build.commit},
               {"dirty", build.dirty ? Json(*build.dirty) : Json()},
               {"benchmark", build.benchmark},
               {"bdwgc", build.bdwgc}});
  return json;
}

}  // namespace heapwise::runner
