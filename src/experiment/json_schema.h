// Whether a JSON document is what its schema says.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace palate {

// Where `document` breaks `schema` and how, as in "models[2].seconds: is string, should be number";
// nothing where it does not. The first place in the document's order.
//
// Of JSON Schema 2020-12 this knows what docs/comparison.schema.json uses: type, enum, minimum,
// exclusiveMinimum, maximum, anyOf, required, properties, additionalProperties, prefixItems, items,
// minItems, maxItems, and $ref to "#/$defs/NAME".
std::optional<std::string> schema_violation(const nlohmann::ordered_json& document,
                                            const nlohmann::ordered_json& schema);

}  // namespace palate
