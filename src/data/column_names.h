// Names that columns go by. Layer: data.
#pragma once

#include <string>
#include <string_view>

namespace palate {

// Lower case, letters and digits alone: "userId", "User ID" and "user_id" are one name.
std::string simplified(std::string_view name);

// Simplified names, each between spaces.
using Names = std::string_view;
inline constexpr Names kUserNames =
    " user userid users uid username reviewer reviewerid customer customerid member memberid "
    "account accountid visitorid person personid reader ";
inline constexpr Names kItemNames =
    " item itemid items iid movie movieid film filmid product productid asin parentasin book "
    "bookid isbn artist artistid track trackid song songid game gameid business businessid anime "
    "animeid recipe recipeid article articleid poi location locationid ";
inline constexpr Names kValueNames =
    " rating ratings value score stars star overall bookrating count counts plays playcount weight "
    "preference grade ";
inline constexpr Names kTimeNames =
    " timestamp time unixreviewtime unixtime ts seconds ratedat createdat date ";
inline constexpr Names kTitleNames =
    " title name movietitle itemname itemtitle moviename booktitle productname artistname "
    "trackname songtitle ";

bool is_one_of(std::string_view column, Names names);
bool is_known_name(std::string_view column);

}  // namespace palate
