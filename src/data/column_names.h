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
    " user userid users uid username reviewer reviewerid reviewername customer customerid "
    "customername member memberid account accountid visitorid person personid reader readerid "
    "client clientid buyer buyerid viewer viewerid listener listenerid player playerid steamid "
    "rater raterid profilename reviewprofilename reviewuserid ";
inline constexpr Names kItemNames =
    " item itemid items iid movie movieid film filmid product productid asin parentasin book "
    "bookid isbn artist artistid track trackid song songid game gameid business businessid anime "
    "animeid recipe recipeid article articleid poi location locationid show showid series seriesid "
    "video videoid restaurant restaurantid hotel hotelid venue venueid place placeid beer beerid "
    "beerbeerid wine wineid joke jokeid course courseid document documentid sku stockcode itemcode "
    "productcode appid "
    "productproductid ";
inline constexpr Names kValueNames =
    " rating ratings value score scores stars star overall bookrating preference grade userrating "
    "userscore usersrating myrating yourrating reviewrating reviewscore reviewoverall starrating "
    "ratingvalue ratingscore rate rated point points ";
// Of what was counted or measured: values, where nothing has the name of a rating.
inline constexpr Names kCountNames =
    " count counts plays playcount weight weights listens listencount views viewcount clicks "
    "purchases hours hoursplayed playtime playtimeforever minutes quantity qty frequency visits "
    "downloads streams watchtime dwelltime ";
// Of amounts of money, which could be meant beside counts.
inline constexpr Names kAmountNames = " price prices cost amount total revenue ";
// Of values that may be anything.
inline constexpr Names kNeutralNames = " value ";
// Of what happened in a row: "view", "buy".
inline constexpr Names kEventNames =
    " event events eventtype eventname behavior behaviour behaviortype behaviourtype action "
    "actiontype interaction interactiontype type ";
inline constexpr Names kTimeNames =
    " timestamp time unixreviewtime unixtime ts seconds ratedat createdat date datum zeitstempel "
    "horodateur ";
inline constexpr Names kTitleNames =
    " title name movietitle itemname itemtitle moviename booktitle bookname productname "
    "producttitle artistname trackname songname songtitle gamename gametitle animename "
    "animetitle beername recipename businessname coursename showname restaurantname hotelname ";
// Of columns that number the rows.
inline constexpr Names kIndexNames =
    " index idx row rowid rownum rownumber rowindex rowname rownames recordid level0 sno srno nr "
    "entry ";
// Of columns that are neither users, items nor ratings, although they hold numbers or end in "id";
// is_other_name() knows more.
inline constexpr Names kOtherNames =
    " category categories cat genre genres type brand price prices cost amount total discount "
    "revenue year releaseyear yearofpublication month day hour weekday age gender sex occupation "
    "zip zipcode city state country region latitude longitude lat lon lng event events eventtype "
    "behavior behaviour behaviortype behaviourtype action actiontype helpful helpfulvotes votes "
    "totalvotes verified averagerating avgrating meanrating ratingcount numratings ratingscount "
    "pages numpages rank position groupid paid valid bid brandid sellerid sessionid session "
    "orderid transactionid transaction reviewid commentid ratingid invoiceid shopid storeid "
    "genreid categoryid subcategoryid deviceid eventid brewery breweryid contentrating agerating "
    "mpaarating esrbrating eventname interaction interactiontype ";

bool is_one_of(std::string_view column, Names names);
bool is_known_name(std::string_view column);
bool is_other_name(std::string_view column);
// A name with "rating", "score" or "stars" in it.
bool speaks_of_ratings(std::string_view column);

}  // namespace palate
